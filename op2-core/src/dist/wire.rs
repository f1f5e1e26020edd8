//! Lists in messages, there and back, and mistakes that all ranks hear of.
//!
//! A rank that finds a mistake before a collective call must not simply return: the others would wait
//! for it. So [`exchange`] and [`agree`] take a `Result`; a rank with an error says so in place of
//! its lists, and all ranks return the error of the lowest of them.
//!
//! Messages are read by the program that wrote them: numbers have the layout of the machine. What
//! does not fit is an error all the same. What the lists mean is left to the callers.

use bytemuck::Pod;

use crate::base::comm::Comm;
use crate::base::error::{Error, Result};

/// The last byte of a message that has a list before it.
const LIST: u8 = 0;
/// The last byte of a message that says why there is no list.
const REASON: u8 = 1;

/// Sends list `r` to rank `r`, and gives the lists that were sent here, by rank. Collective.
///
/// Empty lists are empty messages.
///
/// # Errors
/// The same on all ranks: a rank has an error instead of lists, or has ended. Here alone: what a
/// rank sent are no values of this type.
///
/// # Panics
/// There is not one list for each rank.
pub fn exchange<T: Pod>(comm: &dyn Comm, lists: Result<Vec<Vec<T>>>) -> Result<Vec<Vec<T>>> {
    let send = match &lists {
        Ok(lists) => lists.iter().map(|list| list_message(list)).collect(),
        Err(error) => vec![reason_message(error); comm.size()],
    };
    let received = comm.all_to_all(send)?;
    shared_error(comm, &received, lists)?;
    let read = |(rank, message): (usize, &Vec<u8>)| match message.split_last() {
        None => Ok(Vec::new()),
        Some((_, body)) => values(rank, body),
    };
    received.iter().enumerate().map(read).collect()
}

/// The lists of all ranks, by rank; lengths may differ. Collective.
///
/// # Errors
/// A rank has ended. Here alone: what a rank sent are no values of this type.
pub fn gather<T: Pod>(comm: &dyn Comm, mine: &[T]) -> Result<Vec<Vec<T>>> {
    let all = comm.all_gather(bytemuck::cast_slice(mine))?;
    all.iter().enumerate().map(|(rank, bytes)| values(rank, bytes)).collect()
}

/// What this rank has found, unless a rank has an error. Collective.
///
/// # Errors
/// The same on all ranks: that of the lowest rank with an error, or a rank has ended.
pub fn agree<T>(comm: &dyn Comm, mine: Result<T>) -> Result<T> {
    let message = mine.as_ref().map_or_else(reason_message, |_| Vec::new());
    let received = comm.all_gather(&message)?;
    shared_error(comm, &received, mine)
}

/// Makes sure that all ranks have the same `numbers`, which are `what`. Collective.
///
/// # Errors
/// The same on all ranks: a rank has others than rank 0, or has ended.
pub fn same(comm: &dyn Comm, what: &str, numbers: &[u64]) -> Result<()> {
    let all = gather(comm, numbers)?;
    let Some(rank) = all.iter().position(|theirs| *theirs != all[0]) else { return Ok(()) };
    let reason = format!("{what}: {:?} here, {:?} on rank 0", all[rank], all[0]);
    Err(Error::Rank { rank, reason })
}

/// Lists by rank, from `(rank, value)`; each list in the sequence of the pairs.
pub fn by_rank<T>(ranks: usize, pairs: impl IntoIterator<Item = (usize, T)>) -> Vec<Vec<T>> {
    let mut lists: Vec<Vec<T>> = (0..ranks).map(|_| Vec::new()).collect();
    for (rank, value) in pairs {
        lists[rank].push(value);
    }
    lists
}

fn list_message<T: Pod>(list: &[T]) -> Vec<u8> {
    const { assert!(size_of::<T>() > 0, "the number of values is told by their bytes") }
    if list.is_empty() {
        return Vec::new();
    }
    let bytes: &[u8] = bytemuck::cast_slice(list);
    let mut message = Vec::with_capacity(bytes.len() + 1);
    message.extend_from_slice(bytes);
    message.push(LIST);
    message
}

fn reason_message(error: &Error) -> Vec<u8> {
    let mut message = error.to_string().into_bytes();
    message.push(REASON);
    message
}

/// The error of the lowest rank that has one, else `mine`.
fn shared_error<T>(comm: &dyn Comm, received: &[Vec<u8>], mine: Result<T>) -> Result<T> {
    // A program on one rank should not read of ranks.
    if comm.size() == 1 {
        return mine;
    }
    let failed = |message: &Vec<u8>| message.last() == Some(&REASON);
    let Some(rank) = received.iter().position(failed) else { return mine };
    let text = &received[rank][..received[rank].len() - 1];
    Err(Error::Rank { rank, reason: String::from_utf8_lossy(text).into_owned() })
}

/// Bytes that rank `from` sent, as values.
fn values<T: Pod>(from: usize, bytes: &[u8]) -> Result<Vec<T>> {
    let (count, size) = (bytes.len() / size_of::<T>(), size_of::<T>());
    if count * size != bytes.len() {
        let bytes = bytes.len();
        let reason = format!("sent {bytes} bytes where values of {size} bytes were expected");
        return Err(Error::Rank { rank: from, reason });
    }
    let mut values = vec![T::zeroed(); count];
    bytemuck::cast_slice_mut(&mut values).copy_from_slice(bytes);
    Ok(values)
}

/// Several lists, of several types, one after the other in one message.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Appends a list. Whoever reads asks for lists of the same types in the same sequence.
    pub fn put<T: Pod>(&mut self, list: &[T]) {
        self.bytes.extend_from_slice(&(list.len() as u64).to_ne_bytes());
        self.bytes.extend_from_slice(bytemuck::cast_slice(list));
    }

    /// The message; empty if nothing was put.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Takes the lists of a [`Writer`] out of a message.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    from: usize,
}

impl<'a> Reader<'a> {
    /// Reads the message that rank `from` sent.
    pub fn new(from: usize, message: &'a [u8]) -> Self {
        Self { rest: message, from }
    }

    /// The next list.
    ///
    /// # Errors
    /// The message ends before the list does.
    pub fn take<T: Pod>(&mut self) -> Result<Vec<T>> {
        let count: Vec<u64> = values(self.from, self.bytes(1, size_of::<u64>())?)?;
        let count = usize::try_from(count[0]).unwrap_or(usize::MAX);
        values(self.from, self.bytes(count, size_of::<T>())?)
    }

    /// Whether all lists were taken.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Makes sure that nothing is left.
    ///
    /// # Errors
    /// There are bytes left.
    pub fn finish(self) -> Result<()> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(self.error("sent a message with more lists than expected"))
    }

    /// The next `count` values of `each` bytes.
    fn bytes(&mut self, count: usize, each: usize) -> Result<&'a [u8]> {
        let split = count.checked_mul(each).and_then(|bytes| self.rest.split_at_checked(bytes));
        let (bytes, rest) =
            split.ok_or_else(|| self.error("sent a message that ends inside a list"))?;
        self.rest = rest;
        Ok(bytes)
    }

    fn error(&self, reason: &str) -> Error {
        Error::Rank { rank: self.from, reason: reason.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::{Reader, Writer, agree, by_rank, exchange, gather, same};
    use crate::base::comm::Comm;
    use crate::base::error::{Error, Result};
    use crate::dist::threads;

    /// What `collective` gives on each rank, its errors as texts.
    fn on_ranks<R: Send>(
        ranks: usize,
        collective: impl Fn(&dyn Comm) -> Result<R> + Sync,
    ) -> Vec<Result<R, String>> {
        threads::run(ranks, |comm| Ok(collective(&*comm).map_err(|error| error.to_string())))
            .unwrap()
    }

    #[test]
    fn lists_arrive_by_rank() {
        let all = on_ranks(4, |comm| {
            let list = |to: usize| vec![[comm.rank() as u32, to as u32]; comm.rank() * to];
            exchange(comm, Ok((0..comm.size()).map(list).collect()))
        });
        for (to, lists) in all.into_iter().enumerate() {
            let expected: Vec<Vec<[u32; 2]>> =
                (0..4).map(|from| vec![[from as u32, to as u32]; from * to]).collect();
            assert_eq!(lists, Ok(expected));
        }
    }

    #[test]
    fn all_ranks_return_the_error_of_the_lowest() {
        let failing = |rank: usize| match rank {
            0 | 2 => Ok(()),
            rank => Err(Error::other(format!("mistake {rank}"))),
        };
        for text in
            on_ranks(4, |comm| exchange(comm, failing(comm.rank()).map(|()| vec![vec![1_u64]; 4])))
        {
            assert_eq!(text, Err("rank 1: mistake 1".to_owned()));
        }
        for text in on_ranks(4, |comm| agree(comm, failing(comm.rank()))) {
            assert_eq!(text, Err("rank 1: mistake 1".to_owned()));
        }
    }

    #[test]
    fn one_rank_is_not_named() {
        let alone = |collective: fn(&dyn Comm) -> Result<()>| {
            on_ranks(1, collective).remove(0).unwrap_err()
        };
        assert_eq!(alone(|comm| agree(comm, Err(Error::other("a mistake")))), "a mistake");
        let failing =
            |comm: &dyn Comm| exchange::<u8>(comm, Err(Error::other("a mistake"))).map(drop);
        assert_eq!(alone(failing), "a mistake");
    }

    #[test]
    fn without_errors_each_rank_keeps_what_it_has_found() {
        let found = on_ranks(3, |comm| agree(comm, Ok(comm.rank())));
        assert_eq!(found, [Ok(0), Ok(1), Ok(2)]);
    }

    #[test]
    fn a_rank_with_other_numbers_is_named() {
        let all = on_ranks(3, |comm| same(comm, "sizes", &[7, comm.rank() as u64 / 2]));
        for found in all {
            assert_eq!(found, Err("rank 2: sizes: [7, 1] here, [7, 0] on rank 0".to_owned()));
        }
        assert!(on_ranks(3, |comm| same(comm, "sizes", &[7])).iter().all(Result::is_ok));
    }

    #[test]
    fn values_of_another_type_are_refused() {
        let found = on_ranks(2, |comm| match comm.rank() {
            0 => exchange(comm, Ok(vec![vec![0_u8; 5]; 2])).map(|_| ()),
            _ => exchange(comm, Ok(vec![vec![0_u64]; 2])).map(|_| ()),
        });
        let expected = "rank 0: sent 5 bytes where values of 8 bytes were expected";
        assert_eq!(found, [Ok(()), Err(expected.to_owned())]);
    }

    #[test]
    fn gathered_lists_stand_by_rank() {
        let all = on_ranks(3, |comm| gather(comm, &vec![comm.rank() as u64; comm.rank()]));
        let expected: Vec<Vec<u64>> = vec![vec![], vec![1], vec![2, 2]];
        assert_eq!(all, [Ok(expected.clone()), Ok(expected.clone()), Ok(expected)]);
    }

    #[test]
    fn lists_come_out_as_they_were_put() {
        let mut writer = Writer::default();
        writer.put(&[1_u8, 2, 3]);
        writer.put(&[7_u64, u64::MAX]);
        writer.put::<u32>(&[]);
        let message = writer.finish();
        let mut reader = Reader::new(3, &message);
        assert!(!reader.is_empty());
        assert_eq!(reader.take::<u8>().unwrap(), [1, 2, 3]);
        assert_eq!(reader.take::<u64>().unwrap(), [7, u64::MAX]);
        assert_eq!(reader.take::<u32>().unwrap(), [0; 0]);
        assert!(reader.is_empty());
        reader.finish().unwrap();
    }

    #[test]
    fn messages_that_end_early_or_late_are_errors() {
        let mut writer = Writer::default();
        writer.put(&[7_u64, 8]);
        let message = writer.finish();
        for end in 0..message.len() {
            let error = Reader::new(3, &message[..end]).take::<u64>().unwrap_err().to_string();
            assert_eq!(error, "rank 3: sent a message that ends inside a list");
        }
        let error = Reader::new(3, &u64::MAX.to_ne_bytes()).take::<u64>().unwrap_err();
        assert_eq!(error.to_string(), "rank 3: sent a message that ends inside a list");
        let error = Reader::new(3, &message).finish().unwrap_err().to_string();
        assert_eq!(error, "rank 3: sent a message with more lists than expected");
    }

    #[test]
    fn pairs_are_listed_by_rank() {
        let pairs = [(2, 'a'), (0, 'b'), (2, 'c')];
        assert_eq!(by_rank(4, pairs), [vec!['b'], vec![], vec!['a', 'c'], vec![]]);
    }
}

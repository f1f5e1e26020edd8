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
/// The same, of a rank that only knows that another has failed.
const HEARSAY: u8 = 2;

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
        Err(error) => vec![reason_message(comm, error); comm.size()],
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
/// The same on all ranks: that of the lowest rank with an error of its own, or a rank has ended.
pub fn agree<T>(comm: &dyn Comm, mine: Result<T>) -> Result<T> {
    let message = mine.as_ref().map_or_else(|error| reason_message(comm, error), |_| Vec::new());
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

fn reason_message(comm: &dyn Comm, error: &Error) -> Vec<u8> {
    let heard = matches!(error, Error::Rank { rank, .. } if *rank != comm.rank());
    let mut message = error.to_string().into_bytes();
    message.push(if heard { HEARSAY } else { REASON });
    message
}

/// The error of the lowest rank that has one of its own, or else has heard of one; else `mine`.
fn shared_error<T>(comm: &dyn Comm, received: &[Vec<u8>], mine: Result<T>) -> Result<T> {
    // A program on one rank should not read of ranks.
    if comm.size() == 1 {
        return mine;
    }
    let first = |kind| received.iter().position(|message| message.last() == Some(&kind));
    let Some(rank) = first(REASON).or_else(|| first(HEARSAY)) else { return mine };
    // What all ranks say is said as on one.
    if received.iter().all(|theirs| *theirs == received[rank]) {
        return mine;
    }
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

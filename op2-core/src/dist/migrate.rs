//! Rows go to new owners.
//!
//! A [`Move`] is made once for a set, from the new rank of each row, and then moves any data with one
//! row for each element: values of dats, or rows of maps, whose entries are users' numbers. Who should
//! own what is decided elsewhere (by a partitioner); local numbers come afterwards (`dist::regions`).

use crate::base::comm::Comm;
use crate::base::error::{Error, Result};
use crate::base::wire::{agree, by_rank, exchange};
use crate::dist::index::countable;
use crate::mesh::ordering::Permutation;

/// How the rows of a set get from their owners to new ones.
#[derive(Clone, Debug)]
pub struct Move {
    /// Users' numbers of the elements that this rank owns afterwards, ascending.
    pub new_owned: Vec<u64>,
    /// Elements that this rank owns before.
    old_len: usize,
    /// Places of rows before, by the rank that they go to, this one included.
    leaving: Vec<Vec<u32>>,
    /// Places of rows in `new_owned`, by the rank that they come from, in the sequence in which they
    /// leave there.
    arriving: Vec<Vec<u32>>,
}

impl Move {
    /// A move of element `old_owned[i]` from this rank to rank `to_rank[i]`. Collective.
    ///
    /// # Errors
    /// The same on all ranks: there is not one rank for each element, or a rank that does not exist;
    /// an element that comes from two ranks; more elements on a rank than local numbers can count.
    pub fn new(comm: &dyn Comm, old_owned: &[u64], to_rank: &[u32]) -> Result<Self> {
        let leaving = leaving(comm.size(), old_owned, to_rank);
        let numbers = leaving.as_deref().map(|lists| rows_of(lists, old_owned));
        let numbers = numbers.map_err(Clone::clone);
        let arrived = exchange(comm, numbers)?;
        let (new_owned, arriving) = agree(comm, in_order(&arrived))?;
        let leaving = leaving.expect("errors were exchanged");
        Ok(Self { new_owned, old_len: old_owned.len(), leaving, arriving })
    }

    /// Moves rows of `row_bytes` bytes: from the sequence of `old_owned` to that of `new_owned`.
    /// Collective.
    ///
    /// # Errors
    /// The same on all ranks: `rows` does not have one row for each element. Here alone: another rank
    /// sent rows of another length.
    pub fn rows(&self, comm: &dyn Comm, row_bytes: usize, rows: &[u8]) -> Result<Vec<u8>> {
        let received = exchange(comm, self.pack(comm.rank(), row_bytes, rows))?;
        let mut moved = vec![0; self.new_owned.len() * row_bytes];
        let row = |place: u32| place as usize * row_bytes..(place as usize + 1) * row_bytes;
        let stays = self.leaving[comm.rank()].iter().zip(&self.arriving[comm.rank()]);
        for (&old, &new) in stays {
            moved[row(new)].copy_from_slice(&rows[row(old)]);
        }
        for (rank, (bytes, places)) in received.iter().zip(&self.arriving).enumerate() {
            if rank == comm.rank() {
                continue;
            }
            if bytes.len() != places.len() * row_bytes {
                let (bytes, rows) = (bytes.len(), places.len());
                let reason = format!("sent {bytes} bytes for {rows} rows of {row_bytes} bytes");
                return Err(Error::Rank { rank, reason });
            }
            for (bytes, &new) in bytes.chunks_exact(row_bytes.max(1)).zip(places) {
                moved[row(new)].copy_from_slice(bytes);
            }
        }
        Ok(moved)
    }

    /// The rows for each other rank; those that stay are not sent.
    fn pack(&self, here: usize, row_bytes: usize, rows: &[u8]) -> Result<Vec<Vec<u8>>> {
        if rows.len() != self.old_len * row_bytes {
            let (bytes, elements) = (rows.len(), self.old_len);
            let reason = format!("{bytes} bytes for {elements} rows of {row_bytes} bytes");
            return Err(Error::Other(reason));
        }
        let row = |place: &u32| &rows[*place as usize * row_bytes..][..row_bytes];
        let pack = |(rank, places): (usize, &Vec<u32>)| {
            let mut bytes = Vec::new();
            if rank != here {
                bytes.reserve_exact(places.len() * row_bytes);
                places.iter().for_each(|place| bytes.extend_from_slice(row(place)));
            }
            bytes
        };
        Ok(self.leaving.iter().enumerate().map(pack).collect())
    }
}

fn leaving(ranks: usize, old_owned: &[u64], to_rank: &[u32]) -> Result<Vec<Vec<u32>>> {
    if old_owned.len() != to_rank.len() {
        let (elements, owners) = (old_owned.len(), to_rank.len());
        return Err(Error::other(format!("{owners} new owners for {elements} elements")));
    }
    if let Some(place) = to_rank.iter().position(|&rank| rank as usize >= ranks) {
        let (element, rank) = (old_owned[place], to_rank[place]);
        let reason = format!("element {element} cannot go to rank {rank}: there are {ranks} ranks");
        return Err(Error::Other(reason));
    }
    countable(old_owned.len())?;
    Ok(by_rank(ranks, to_rank.iter().map(|&rank| rank as usize).zip(0..)))
}

fn rows_of(lists: &[Vec<u32>], numbers: &[u64]) -> Vec<Vec<u64>> {
    let of = |list: &Vec<u32>| list.iter().map(|&place| numbers[place as usize]).collect();
    lists.iter().map(of).collect()
}

/// The numbers that arrived, ascending, and their places there, by rank.
fn in_order(arrived: &[Vec<u64>]) -> Result<(Vec<u64>, Vec<Vec<u32>>)> {
    countable(arrived.iter().map(Vec::len).sum())?;
    let numbers = arrived.concat();
    let mut order: Vec<u32> = (0..numbers.len() as u32).collect();
    order.sort_unstable_by_key(|&arrival| numbers[arrival as usize]);
    let sorted: Vec<u64> = order.iter().map(|&arrival| numbers[arrival as usize]).collect();
    if let Some([element, ..]) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Error::other(format!("element {element} comes twice")));
    }
    let order = Permutation::new(order).map_err(Error::other)?;
    let mut places = order.to_new();
    let mut next = |list: &Vec<u64>| {
        let (first, rest) = places.split_at(list.len());
        places = rest;
        first.to_vec()
    };
    Ok((sorted, arrived.iter().map(&mut next).collect()))
}

#[cfg(test)]
mod tests {
    use super::Move;
    use crate::base::comm::Comm;
    use crate::base::error::Result;
    use crate::dist::threads;

    fn on_ranks<R: Send>(
        ranks: usize,
        collective: impl Fn(&dyn Comm) -> Result<R> + Sync,
    ) -> Vec<Result<R, String>> {
        threads::run(ranks, |comm| Ok(collective(&*comm).map_err(|error| error.to_string())))
            .unwrap()
    }

    /// What three ranks own, and whom it goes to.
    const OLD: [(&[u64], &[u32]); 3] =
        [(&[5, 0, 2], &[2, 0, 2]), (&[], &[]), (&[1, 4, 3], &[0; 3])];
    const NEW: [&[u64]; 3] = [&[0, 1, 3, 4], &[], &[2, 5]];

    fn row(element: u64) -> [u8; 3] {
        [1, 2, 3].map(|factor| factor * element as u8)
    }

    #[test]
    fn rows_go_with_their_elements() {
        let found = on_ranks(3, |comm| {
            let (owned, to_rank) = OLD[comm.rank()];
            let a_move = Move::new(comm, owned, to_rank)?;
            let rows: Vec<u8> = owned.iter().flat_map(|&element| row(element)).collect();
            let nothing = a_move.rows(comm, 0, &[])?;
            assert!(nothing.is_empty());
            Ok((a_move.rows(comm, 3, &rows)?, a_move.new_owned))
        });
        for (found, new) in found.into_iter().zip(NEW) {
            let rows: Vec<u8> = new.iter().flat_map(|&element| row(element)).collect();
            assert_eq!(found, Ok((rows, new.to_vec())));
        }
    }

    /// The error of a move on two ranks, which both must have.
    fn refused(old: [(&'static [u64], &'static [u32]); 2], row_bytes: usize) -> String {
        let found = on_ranks(2, |comm| {
            let (owned, to_rank) = old[comm.rank()];
            Move::new(comm, owned, to_rank)?.rows(comm, row_bytes, &[0; 6])
        });
        let [Err(first), Err(second)] = &found[..] else { panic!("{found:?}") };
        assert_eq!(first, second);
        first.clone()
    }

    #[test]
    fn all_ranks_hear_of_moves_that_cannot_be() {
        assert_eq!(
            refused([(&[0, 1], &[0, 0]), (&[2, 3], &[0])], 3),
            "rank 1: 1 new owners for 2 elements"
        );
        assert_eq!(
            refused([(&[0, 1], &[1, 2]), (&[2, 3], &[0, 0])], 3),
            "rank 0: element 1 cannot go to rank 2: there are 2 ranks"
        );
        assert_eq!(
            refused([(&[0, 1], &[1, 0]), (&[0, 3], &[1, 0])], 3),
            "rank 1: element 0 comes twice"
        );
        assert_eq!(
            refused([(&[0, 1], &[1, 0]), (&[2, 3], &[1, 0])], 2),
            "6 bytes for 2 rows of 2 bytes"
        );
    }

    #[test]
    fn rows_of_another_length_are_an_error_where_they_come() {
        let found = on_ranks(2, |comm| {
            let a_move = Move::new(comm, &[comm.rank() as u64], &[0])?;
            let row_bytes = 2 + comm.rank();
            a_move.rows(comm, row_bytes, &[0; 3][..row_bytes])
        });
        let expected = "rank 1: sent 3 bytes for 1 rows of 2 bytes";
        assert_eq!(found, [Err(expected.to_owned()), Ok(vec![])]);
    }
}

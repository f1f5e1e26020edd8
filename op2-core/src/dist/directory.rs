//! Who owns an element: asked of the rank that knows.
//!
//! No rank has a list of all owners. Elements are cut into contiguous *blocks*, one for each rank, and
//! the rank of a block keeps the owners of its elements: [`block_owner`] of an element tells whom to
//! ask. So a rank keeps `size / ranks` numbers, whoever owns what.

use std::ops::Range;

use bytemuck::Pod;

use crate::base::blocks::{block_owner, block_range};
use crate::base::comm::Comm;
use crate::base::error::{Error, Result};
use crate::base::wire::{by_rank, exchange, gather, same};
use crate::dist::index::Index;

/// The owners of the elements of this rank's block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    size: u64,
    block: Range<u64>,
    /// By element of the block.
    owners: Vec<u32>,
}

const NOBODY: u32 = u32::MAX;

impl Directory {
    /// The directory of a set of `size` elements, of which this rank owns `owned`, in any sequence.
    /// Collective.
    ///
    /// # Errors
    /// The same on all ranks: an element that nobody or that two ranks own, that is listed twice or does
    /// not exist (the lowest such element is named); sizes that differ.
    pub fn new(comm: &dyn Comm, size: u64, owned: &[u64]) -> Result<Self> {
        let ranks = comm.size();
        same(comm, "the size of a set", &[size])?;
        let block = block_range(size, ranks, comm.rank());
        let lists = exchange(comm, by_block(size, ranks, owned))?;
        let (owners, flaw) = enter(&block, &lists);
        // Blocks ascend with the ranks, so the first flaw is that of the lowest element.
        let flaws = gather(comm, flaw.as_slice())?;
        match flaws.concat().first() {
            Some(&flaw) => Err(ownership_error(flaw)),
            None => Ok(Self { size, block, owners }),
        }
    }

    /// Elements of the set.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The owners of any elements, in their sequence; they may be named more than once. Collective.
    ///
    /// # Errors
    /// The same on all ranks: an element does not exist.
    pub fn owners(&self, comm: &dyn Comm, elements: &[u64]) -> Result<Vec<u32>> {
        let asked = sorted(elements);
        let requests = exchange(comm, by_block(self.size, comm.size(), &asked))?;
        let answers = requests.iter().map(|list| list.iter().map(|&e| self.owner(e)).collect());
        // Blocks ascend with the ranks, as the elements that were asked for do.
        let found = exchange(comm, answers.collect())?.concat();
        Ok(in_sequence(elements, &asked, &found))
    }

    fn owner(&self, element: u64) -> Result<u32> {
        let place = element.checked_sub(self.block.start).map(|place| place as usize);
        let owner = place.and_then(|place| self.owners.get(place));
        owner.copied().ok_or_else(|| Error::other("was asked for an element of another block"))
    }
}

/// Values that owners have, of any elements, in their sequence; they may be named more than once.
/// `values[i]` is that of `owned[i]`, and `directory` was made of `owned`. Collective.
///
/// # Errors
/// The same on all ranks: an element does not exist; there is not one value for each owned element; a
/// rank does not own what the directory says.
pub fn fetch<V: Pod>(
    comm: &dyn Comm,
    directory: &Directory,
    owned: &[u64],
    values: &[V],
    elements: &[u64],
) -> Result<Vec<V>> {
    let asked = sorted(elements);
    let owners = directory.owners(comm, &asked)?;
    let ranks = owners.iter().map(|&owner| owner as usize);
    let requests = by_rank(comm.size(), ranks.clone().zip(asked.iter().copied()));
    let requests = exchange(comm, Ok(requests))?;
    let answers = exchange(comm, answers(owned, values, &requests))?;
    let mut answers: Vec<_> = answers.into_iter().map(Vec::into_iter).collect();
    let found: Option<Vec<V>> = ranks.map(|rank| answers[rank].next()).collect();
    let found = found.ok_or_else(|| Error::other("fewer values came than were asked for"))?;
    Ok(in_sequence(elements, &asked, &found))
}

fn answers<V: Pod>(owned: &[u64], values: &[V], requests: &[Vec<u64>]) -> Result<Vec<Vec<V>>> {
    if owned.len() != values.len() {
        let (elements, values) = (owned.len(), values.len());
        return Err(Error::other(format!("{values} values for {elements} elements")));
    }
    let index = Index::new(owned)?;
    let value = |&element: &u64| match index.find(owned, element) {
        Some(place) => Ok(values[place as usize]),
        None => Err(Error::other(format!("does not own element {element}"))),
    };
    requests.iter().map(|list| list.iter().map(value).collect()).collect()
}

/// Elements by the rank of their block, each list in their sequence.
fn by_block(size: u64, ranks: usize, elements: &[u64]) -> Result<Vec<Vec<u64>>> {
    if let Some(&element) = elements.iter().find(|element| **element >= size) {
        return Err(Error::Other(no_such(element, size)));
    }
    Ok(by_rank(ranks, elements.iter().map(|&e| (block_owner(size, ranks, e), e))))
}

fn no_such(element: u64, size: u64) -> String {
    format!("element {element} does not exist: the set has {size} elements")
}

/// The lowest element of a block with not just one owner, and two numbers of owners.
type Flaw = [u64; 3];

/// Writes down who owns what of a block, from the elements that each rank says are its own.
fn enter(block: &Range<u64>, lists: &[Vec<u64>]) -> (Vec<u32>, Option<Flaw>) {
    let mut owners = vec![NOBODY; (block.end - block.start) as usize];
    let mut flaw: Option<Flaw> = None;
    let mut found = |new: Flaw| flaw = Some(flaw.map_or(new, |old| old.min(new)));
    for (rank, list) in (0..).zip(lists) {
        for &element in list {
            let owner = &mut owners[(element - block.start) as usize];
            if *owner == NOBODY {
                *owner = rank;
            } else {
                found([element, u64::from(*owner), u64::from(rank)]);
            }
        }
    }
    if let Some(place) = owners.iter().position(|&owner| owner == NOBODY) {
        found([block.start + place as u64, u64::from(NOBODY), u64::from(NOBODY)]);
    }
    (owners, flaw)
}

fn ownership_error([element, first, second]: Flaw) -> Error {
    Error::Other(if first == u64::from(NOBODY) {
        format!("element {element} is owned by no rank")
    } else if first == second {
        format!("element {element} is listed twice on rank {first}")
    } else {
        format!("element {element} is owned by ranks {first} and {second}")
    })
}

fn sorted(elements: &[u64]) -> Vec<u64> {
    let mut sorted = elements.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted
}

/// What was found for each of `asked` (ascending), in the sequence of `elements`.
fn in_sequence<V: Copy>(elements: &[u64], asked: &[u64], found: &[V]) -> Vec<V> {
    let of = |element: &u64| found[asked.partition_point(|asked| asked < element)];
    elements.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::{Directory, fetch};
    use crate::base::comm::Comm;
    use crate::base::error::{Error, Result};
    use crate::dist::threads;

    /// What a directory of 7 elements says on each rank, with errors as texts.
    fn directories<R: Send>(
        owned: &[&[u64]],
        ask: impl Fn(&dyn Comm, &Directory, &[u64]) -> Result<R> + Sync,
    ) -> Vec<Result<R, String>> {
        let ask = |comm: &dyn Comm| {
            let mine = owned[comm.rank()];
            let directory = Directory::new(comm, 7, mine)?;
            assert_eq!(directory.size(), 7);
            ask(comm, &directory, mine)
        };
        let text = |error: Error| error.to_string();
        threads::run(owned.len(), |comm| Ok(ask(&*comm).map_err(text))).unwrap()
    }

    #[test]
    fn owners_of_any_elements_are_told_in_their_sequence() {
        let owned: [&[u64]; 4] = [&[6, 1], &[], &[0, 5, 3, 2], &[4]];
        let found = directories(&owned, |comm, directory, _| {
            let asked: &[u64] = if comm.rank() == 3 { &[] } else { &[5, 6, 5, 0, 4] };
            directory.owners(comm, asked)
        });
        let expected = vec![2, 0, 2, 2, 3];
        let expected = [Ok(expected.clone()), Ok(expected.clone()), Ok(expected), Ok(vec![])];
        assert_eq!(found, expected);
    }

    #[test]
    fn values_of_owners_come_in_the_sequence_asked_for() {
        let owned: [&[u64]; 3] = [&[6, 1], &[], &[0, 5, 4, 3, 2]];
        let found = directories(&owned, |comm, directory, mine| {
            let values: Vec<[u32; 2]> = mine.iter().map(|&e| [e as u32, 10 * e as u32]).collect();
            fetch(comm, directory, mine, &values, &[3, 6, 6, 0, comm.rank() as u64])
        });
        for (rank, found) in (0..).zip(found) {
            assert_eq!(found, Ok(vec![[3, 30], [6, 60], [6, 60], [0, 0], [rank, 10 * rank]]));
        }
    }

    #[test]
    fn all_ranks_hear_of_wrong_questions() {
        let owned: [&[u64]; 2] = [&[6, 1, 0], &[2, 5, 4, 3]];
        let wrong = |comm: &dyn Comm| if comm.rank() == 0 { [3, 7] } else { [1, 2] };
        let found = directories(&owned, |comm, directory, _| directory.owners(comm, &wrong(comm)));
        let expected = "rank 0: element 7 does not exist: the set has 7 elements".to_owned();
        assert_eq!(found, [Err(expected.clone()), Err(expected)]);

        let found = directories(&owned, |comm, directory, mine| {
            fetch(comm, directory, mine, &[1_u8; 3], &[1])
        });
        let expected = "rank 1: 3 values for 4 elements".to_owned();
        assert_eq!(found, [Err(expected.clone()), Err(expected)]);

        let found = directories(&owned, |comm, directory, mine| {
            let (mine, values) = (&mine[comm.rank()..], &[1_u8; 3]);
            fetch(comm, directory, mine, values, &[2])
        });
        let expected = "rank 1: does not own element 2".to_owned();
        assert_eq!(found, [Err(expected.clone()), Err(expected)]);
    }

    #[test]
    fn an_element_needs_one_owner() {
        let cases: [(&[&[u64]], &str); 5] = [
            (&[&[0, 1, 2], &[], &[3, 4, 6]], "element 5 is owned by no rank"),
            (&[&[0, 1, 2, 6], &[5, 2], &[3, 4, 6]], "element 2 is owned by ranks 0 and 1"),
            (&[&[0, 1, 2, 5], &[6, 6], &[3, 4]], "element 6 is listed twice on rank 1"),
            (&[&[], &[], &[]], "element 0 is owned by no rank"),
            (
                &[&[0, 1, 2], &[5, 7], &[3, 4, 6]],
                "rank 1: element 7 does not exist: the set has 7 elements",
            ),
        ];
        for (owned, expected) in cases {
            for found in directories(owned, |_, _, _| Ok(())) {
                assert_eq!(found, Err(expected.to_owned()));
            }
        }
    }

    #[test]
    fn ranks_with_other_sizes_are_named() {
        let sizes = [4, 4, 5];
        let found = threads::run(3, |comm| {
            let rank = comm.rank();
            Ok(Directory::new(&*comm, sizes[rank], &[]).unwrap_err().to_string())
        });
        let expected = "rank 2: the size of a set: [5] here, [4] on rank 0";
        assert_eq!(found.unwrap(), [expected; 3]);
    }
}

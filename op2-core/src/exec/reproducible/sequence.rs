//! The sequence in which rows see elements, whatever the cut.
//!
//! Users' numbers are cut into blocks by the size of the whole set. A row sees the elements of even blocks
//! first; among even blocks, and among odd ones, the sequence is that of a hash of the block's number;
//! in a block, that of users' numbers. This is the same on any rank, and leaves blocks that may run at
//! once: rising numbers alone would make each block of a band wait for the one before it (Jones and
//! Plassmann's argument for random priorities, SIAM J. Sci. Comput. 14, 1993).

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::comm::Comm;
use crate::base::error::{Error, Result, Violation};
use crate::exec::cache::{Space, key, with_request};
use crate::exec::reproducible::changes_rows;
use crate::mesh::access::Access;
use crate::par_loop::arg::ArgRef;
use crate::par_loop::descriptor::LoopRef;
use crate::par_loop::piece::Piece;
use crate::plan::Plan;
use crate::plan::blocks::{block_size, cut};
use crate::plan::sequence::in_sequence;

/// The sequences of one context, made once for each pattern of changes through maps.
#[derive(Default)]
pub(crate) struct Sequences {
    known: Mutex<HashMap<Vec<u64>, Arc<Sequence>>>,
}

/// All elements that a loop runs over on this rank, and when.
pub(crate) struct Sequence {
    /// By rising user's numbers; none where these are the local ones.
    list: Option<Vec<u32>>,
    positions: usize,
    pub(crate) plan: Plan,
    /// Where ranks could not agree: the argument that is in the way.
    obstacle: Option<usize>,
}

/// The elements of a loop on several ranks: those of this rank, and copies that change rows of it.
pub(crate) struct Shared<'a> {
    pub(crate) comm: &'a dyn Comm,
    pub(crate) elements: Vec<u32>,
}

impl Sequences {
    /// The sequence of a loop, and whether it was made just now. Collective then where the mesh is
    /// shared.
    ///
    /// # Errors
    /// Elements of several ranks change (`Rw`) a row that others read in the same loop.
    pub(crate) fn get<'s>(
        &self,
        the_loop: &LoopRef<'_>,
        shared: impl FnOnce() -> Option<Shared<'s>>,
    ) -> Result<(Arc<Sequence>, bool)> {
        let mut key = key(the_loop, Piece::Sequence);
        key.extend(the_loop.args.iter().map(|arg| arg.access as u64));
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sequence) = known.get(&key) {
            sequence.check(the_loop)?;
            return Ok((sequence.clone(), false));
        }
        let made = Arc::new(Sequence::find(the_loop, shared().as_ref())?);
        known.insert(key, made.clone());
        made.check(the_loop)?;
        Ok((made, true))
    }

    /// Forgets all: numbers have changed.
    pub(crate) fn clear(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Sequence {
    /// The elements, listed by users' numbers.
    pub(crate) fn space(&self) -> Space<'_> {
        let list = self.list.as_deref();
        Space { positions: self.positions, list, kept: None, piece: Piece::Sequence }
    }

    fn find(the_loop: &LoopRef<'_>, shared: Option<&Shared<'_>>) -> Result<Self> {
        let set = the_loop.space.set;
        let size = block_size(set.size);
        let order = set.order();
        let elements = match (shared, the_loop.space.subset) {
            (Some(shared), _) => Some(shared.elements.clone()),
            (None, Some(subset)) => Some(subset.indices().to_vec()),
            // All elements, and under the users' numbers.
            (None, None) if order.is_none() => None,
            (None, None) => Some((0..set.size as u32).collect()),
        };
        let (list, blocks) = match elements {
            None => (None, (0..).zip(cut(set.size, size)).collect()),
            Some(mut list) => {
                let user = |local: u32| match &order {
                    Some(order) => order.to_user()[local as usize],
                    None => local,
                };
                list.sort_unstable_by_key(|&local| user(local));
                let blocks = runs(list.iter().map(|&local| user(local) as usize / size));
                (Some(list), blocks)
            }
        };
        let positions = list.as_ref().map_or(set.size, Vec::len);
        let space = Space { positions, list: list.as_deref(), kept: None, piece: Piece::Sequence };
        let plan = with_request(the_loop, space, |request| {
            let (numbers, blocks): (Vec<usize>, Vec<_>) = blocks.into_iter().unzip();
            let mut sequence: Vec<u32> = (0..blocks.len() as u32).collect();
            sequence.sort_by_key(|&block| priority(numbers[block as usize]));
            in_sequence(request, blocks, &sequence)
        });
        let obstacle = match shared {
            Some(shared) => obstacle(the_loop, shared)?,
            None => None,
        };
        Ok(Self { list, positions, plan, obstacle })
    }

    fn check(&self, the_loop: &LoopRef<'_>) -> Result<()> {
        let Some(argument) = self.obstacle else { return Ok(()) };
        let arg = &the_loop.args[argument];
        let reason = "several elements change (Rw) one element's value, and what they leave there goes \
                      elsewhere in the same loop: ranks cannot do this in one sequence, as reproducible \
                      sums ask for; use Inc, or a loop for each step";
        let violation =
            Violation { argument: Some((argument + 1, arg.text)), reason: reason.to_owned() };
        Err(the_loop.refuse(vec![violation]))
    }
}

/// The numbers in rising sequence, with the range of positions of each.
fn runs(numbers: impl Iterator<Item = usize>) -> Vec<(usize, Range<u32>)> {
    let mut runs: Vec<(usize, Range<u32>)> = Vec::new();
    for (position, number) in (0..).zip(numbers) {
        match runs.last_mut() {
            Some((last, range)) if *last == number => range.end = position + 1,
            _ => runs.push((number, position..position + 1)),
        }
    }
    runs
}

/// When a block of users' numbers has its turn: even ones first, then as the hash says.
fn priority(block: usize) -> (usize, u64, usize) {
    // The finalizer of SplitMix64.
    let mut bits = (block as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (block % 2, bits ^ (bits >> 31), block)
}

/// The argument whose rows are handed on from element to element, where one of these may run on a
/// rank that does not know the others. Collective.
///
/// A rank runs all elements that change its rows; but what one of them reads (`Rw`) from a row of
/// another rank may depend on elements that run only there.
fn obstacle(the_loop: &LoopRef<'_>, shared: &Shared<'_>) -> Result<Option<usize>> {
    let is_rw = |arg: &ArgRef<'_>| changes_rows(arg) && arg.access == Access::Rw;
    let suspects: Vec<usize> =
        (0..the_loop.args.len()).filter(|&i| is_rw(&the_loop.args[i])).collect();
    if suspects.is_empty() || only_own_row(the_loop) {
        return Ok(None);
    }
    let found = suspects.into_iter().find(|&i| several_change(the_loop, i, &shared.elements));
    let mine = found.map_or(u32::MAX, |i| i as u32);
    let all = shared.comm.all_gather(&mine.to_le_bytes())?;
    let mut first = u32::MAX;
    for bytes in all {
        let bytes = bytes.try_into().map_err(|_| Error::other("ranks run different loops"))?;
        first = first.min(u32::from_le_bytes(bytes));
    }
    Ok((first != u32::MAX).then_some(first as usize))
}

/// Whether an element changes one row and nothing else: its owner then knows all that it depends on.
fn only_own_row(the_loop: &LoopRef<'_>) -> bool {
    let mut changed = the_loop.args.iter().filter(|arg| arg.access.writes());
    let (first, second) = (changed.next(), changed.next());
    let one = |arg: &ArgRef<'_>| {
        arg.via.rows().is_some_and(|route| route.columns().len() == 1) && arg.dat().is_some()
    };
    second.is_none() && first.is_some_and(one)
}

/// Whether two elements change one row that belongs to this rank.
fn several_change(the_loop: &LoopRef<'_>, argument: usize, elements: &[u32]) -> bool {
    const NOBODY: u32 = u32::MAX;
    let stored = the_loop.args[argument].stored();
    let same = || the_loop.args.iter().filter(|arg| arg.stored() == stored);
    let Some(to) = the_loop.args[argument].via.rows().map(|route| &route.map.to) else {
        return false;
    };
    let mut changed_by = vec![NOBODY; to.owned()];
    for route in same().filter_map(|arg| arg.via.rows()) {
        // SAFETY: a loop is put in sequence in the home's turn.
        let table = unsafe { route.map.table() };
        for &element in elements {
            let entries = &table[element as usize * route.map.arity..][route.columns()];
            for &row in entries {
                let Some(before) = changed_by.get_mut(row as usize) else { continue };
                if *before != NOBODY && *before != element {
                    return true;
                }
                *before = element;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{priority, runs};

    #[test]
    fn equal_numbers_make_a_run() {
        assert_eq!(runs([0, 0, 2, 3, 3].into_iter()), [(0, 0..2), (2, 2..3), (3, 3..5)]);
        assert_eq!(runs(std::iter::empty()), []);
    }

    #[test]
    fn even_blocks_come_first_and_each_block_once() {
        let mut blocks: Vec<usize> = (0..100).collect();
        blocks.sort_by_key(|&block| priority(block));
        assert!(blocks[..50].iter().all(|block| block % 2 == 0));
        assert_ne!(blocks[..5], [0, 2, 4, 6, 8]);
        blocks.sort_unstable();
        assert!(blocks.into_iter().eq(0..100));
    }
}

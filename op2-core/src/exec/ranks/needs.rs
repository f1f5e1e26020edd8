//! Needs: the halo rows of a set that a loop reads, numbered alike on all ranks.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::base::comm::Comm;
use crate::base::error::Result;
use crate::dist::halo::HaloOf;
use crate::dist::needs::{Lists, cover};

/// All needs known so far.
#[derive(Default)]
pub(super) struct Needs {
    all: BTreeMap<u64, Known>,
    /// The number of the next one; none is used twice.
    next: u64,
    /// By two needs: whether the first brings all that the second asks for, on every rank.
    covers: HashMap<(u64, u64), bool>,
}

struct Known {
    set: u64,
    lists: Arc<Lists>,
}

impl Needs {
    /// The number of the need for these rows of a set, and its lists; a need that asks for the same on
    /// all ranks is found again. Collective.
    pub(super) fn find(
        &mut self,
        comm: &dyn Comm,
        halo: HaloOf<'_>,
        wanted: &[u32],
    ) -> Result<(u64, Arc<Lists>)> {
        let lists = Arc::new(Lists::new(comm, &halo, wanted)?);
        let set = halo.set.id;
        let new = self.next;
        let others: Vec<(u64, &Known)> = self
            .all
            .iter()
            .filter(|(_, known)| known.set == set)
            .map(|(number, known)| (*number, known))
            .collect();
        let pairs = others
            .iter()
            .flat_map(|(_, known)| [(&*known.lists, &*lists), (&*lists, &*known.lists)]);
        let found = cover(comm, &pairs.collect::<Vec<_>>())?;
        let mut covers = Vec::new();
        for ((number, known), found) in others.iter().zip(found.chunks_exact(2)) {
            if let [true, true] = found {
                return Ok((*number, known.lists.clone()));
            }
            covers.extend([((*number, new), found[0]), ((new, *number), found[1])]);
        }
        self.covers.extend(covers);
        self.all.insert(new, Known { set, lists: lists.clone() });
        self.next += 1;
        Ok((new, lists))
    }

    /// The lists of a need, unless it was removed.
    pub(super) fn lists(&self, number: u64) -> Option<&Lists> {
        self.all.get(&number).map(|known| &*known.lists)
    }

    /// How many there are: the same on all ranks.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// The numbers of all, rising.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u64> {
        self.all.keys().copied()
    }

    /// Forgets some: the same on all ranks.
    pub(super) fn remove(&mut self, numbers: &HashSet<u64>) {
        self.all.retain(|number, _| !numbers.contains(number));
        self.covers.retain(|(one, other), _| !numbers.contains(one) && !numbers.contains(other));
    }

    /// Whether values that have arrived for one need serve another.
    pub(super) fn serves(&self, arrived: u64, need: u64) -> bool {
        arrived == need || self.covers.get(&(arrived, need)).copied().unwrap_or(false)
    }
}

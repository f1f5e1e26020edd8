//! Needs: the halo rows of a set that a loop reads, numbered alike on all ranks.

use std::collections::HashMap;
use std::sync::Arc;

use crate::base::comm::Comm;
use crate::base::error::Result;
use crate::dist::halo::HaloOf;
use crate::dist::needs::{Lists, cover};

/// All needs known so far.
#[derive(Default)]
pub(super) struct Needs {
    all: Vec<Known>,
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
        let new = self.all.len() as u64;
        let others: Vec<(u64, &Known)> =
            (0..).zip(&self.all).filter(|(_, known)| known.set == set).collect();
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
        self.all.push(Known { set, lists: lists.clone() });
        Ok((new, lists))
    }

    /// The lists of a need.
    pub(super) fn lists(&self, number: u64) -> &Lists {
        &self.all[number as usize].lists
    }

    /// Whether values that have arrived for one need serve another.
    pub(super) fn serves(&self, arrived: u64, need: u64) -> bool {
        arrived == need || self.covers.get(&(arrived, need)).copied().unwrap_or(false)
    }
}

//! What is declared in a context and alive.

use std::sync::{Arc, Weak};

use crate::mesh::dat_core::DatCore;
use crate::mesh::map::MapCore;
use crate::mesh::set::SetCore;
use crate::mesh::subset::SubsetCore;

/// All that was declared, in the sequence of declaration. A renumbering holds it from beginning to end,
/// so that nothing is declared in numbers that change.
#[derive(Default)]
pub(crate) struct Registry {
    /// The sets.
    pub(crate) sets: Vec<Weak<SetCore>>,
    /// The subsets.
    pub(crate) subsets: Vec<Weak<SubsetCore>>,
    /// The maps.
    pub(crate) maps: Vec<Weak<MapCore>>,
    /// The dats.
    pub(crate) dats: Vec<Weak<DatCore>>,
}

/// What of it is still alive, in the same sequence.
pub(crate) struct Everything {
    /// The sets.
    pub(crate) sets: Vec<Arc<SetCore>>,
    /// The subsets.
    pub(crate) subsets: Vec<Arc<SubsetCore>>,
    /// The maps.
    pub(crate) maps: Vec<Arc<MapCore>>,
    /// The dats.
    pub(crate) dats: Vec<Arc<DatCore>>,
}

impl Registry {
    /// What is alive.
    pub(crate) fn alive(&self) -> Everything {
        fn alive<T>(list: &[Weak<T>]) -> Vec<Arc<T>> {
            list.iter().filter_map(Weak::upgrade).collect()
        }
        Everything {
            sets: alive(&self.sets),
            subsets: alive(&self.subsets),
            maps: alive(&self.maps),
            dats: alive(&self.dats),
        }
    }
}

impl Everything {
    /// The place of a set in the list.
    pub(crate) fn place(&self, set: &SetCore) -> usize {
        let place = self.sets.iter().position(|other| other.id == set.id);
        place.expect("what is declared on a set keeps it alive")
    }
}

/// Adds an object to one list of the registry, dropping entries that died.
pub(crate) fn enlist<T>(list: &mut Vec<Weak<T>>, item: &Arc<T>) {
    if list.len() == list.capacity() {
        list.retain(|old| old.strong_count() > 0);
    }
    list.push(Arc::downgrade(item));
}

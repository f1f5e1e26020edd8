//! What a rank owns of sets and maps, in the user's numbering.

use std::sync::Arc;

use crate::mesh::home::Home;
use crate::mesh::map::MapCore;
use crate::mesh::registry::Everything;
use crate::mesh::set::SetCore;

/// The elements of a set that this rank owns at present.
#[derive(Clone, Copy, Debug)]
pub struct OwnedSet<'a> {
    /// Elements on all ranks; users number them from 0.
    pub size: u64,
    /// The user's numbers of those owned here; every element is owned by one rank.
    pub owned: &'a [u64],
}

/// The rows of a map that this rank owns.
#[derive(Clone, Copy, Debug)]
pub struct OwnedMap<'a> {
    /// The place of the set that the map starts at, among the sets.
    pub from: usize,
    /// The place of the set it leads to.
    pub to: usize,
    /// Entries of each element, one at least.
    pub arity: usize,
    /// A row for each owned element of `from`, in their sequence (`[owned, arity]`); users' numbers,
    /// below the size of `to`.
    pub targets: &'a [u64],
}

/// What this rank owns of all that is declared, as views for those who compute with it.
pub(crate) struct Owned {
    pub(crate) all: Everything,
    /// For each set, the user's numbers of the owned elements.
    pub(crate) users: Vec<Vec<u64>>,
    /// For each map, the rows of those elements.
    pub(crate) targets: Vec<Vec<u64>>,
}

impl Owned {
    /// What it owns now; the turn is held.
    pub(crate) fn now(home: &Home) -> Self {
        let all = home.registry().alive();
        let users = all.sets.iter().map(|set| users(set)).collect();
        // SAFETY: the turn is held.
        let rows = |map: &Arc<MapCore>| wide(&unsafe { map.user_rows() });
        let targets = all.maps.iter().map(rows).collect();
        Self { all, users, targets }
    }

    /// The sets.
    pub(crate) fn sets(&self) -> Vec<OwnedSet<'_>> {
        let sets = self.all.sets.iter().zip(&self.users);
        sets.map(|(set, owned)| OwnedSet { size: set.size as u64, owned }).collect()
    }

    /// The maps.
    pub(crate) fn maps(&self) -> Vec<OwnedMap<'_>> {
        let (all, maps) = (&self.all, self.all.maps.iter().zip(&self.targets));
        maps.map(|(map, targets)| {
            let (from, to) = (all.place(&map.from), all.place(&map.to));
            OwnedMap { from, to, arity: map.arity, targets }
        })
        .collect()
    }
}

/// The user's numbers of the elements of a set that belong to this rank.
pub(crate) fn users(set: &SetCore) -> Vec<u64> {
    wide(&set.owned_users())
}

pub(crate) fn wide(numbers: &[u32]) -> Vec<u64> {
    numbers.iter().copied().map(u64::from).collect()
}

//! Random meshes over random ranks, and which elements each rank should have a copy of, found by
//! looking at the whole mesh.

use std::collections::BTreeSet;
use std::ops::Range;

use op2_core::dist::owned::OwnedSet;
use proptest::prelude::*;

/// A mesh, whole, and who owns what.
#[derive(Debug, Clone)]
pub struct World {
    /// How many ranks there are.
    pub ranks: usize,
    /// The sets.
    pub sets: Vec<WholeSet>,
    /// The maps between them.
    pub maps: Vec<WholeMap>,
}

/// A set on all ranks.
#[derive(Debug, Clone)]
pub struct WholeSet {
    /// The owner of each element.
    pub owner: Vec<usize>,
    /// All elements, in the sequence that their owners want.
    pub wanted: Vec<u64>,
}

/// A map on all ranks.
#[derive(Debug, Clone)]
pub struct WholeMap {
    /// The set that it starts from.
    pub from: usize,
    /// The set that it leads to.
    pub to: usize,
    /// Entries of each element.
    pub arity: usize,
    /// `[elements of from, arity]`
    pub targets: Vec<u64>,
}

/// Elements of a set that a rank has, by part, each in the sequence of local numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// Owned, and so is all that they name.
    pub core: Vec<u64>,
    /// Owned, the others.
    pub border: Vec<u64>,
    /// Owned elsewhere, naming what is owned here.
    pub exec: Vec<u64>,
    /// Owned elsewhere, named by any of the above.
    pub non_exec: Vec<u64>,
}

impl WholeMap {
    /// The entries of an element.
    pub fn row(&self, element: u64) -> &[u64] {
        &self.targets[element as usize * self.arity..][..self.arity]
    }
}

impl World {
    /// Elements of a set.
    pub fn size(&self, set: usize) -> u64 {
        self.sets[set].owner.len() as u64
    }

    /// The owner of an element of a set.
    pub fn owner(&self, set: usize, element: u64) -> usize {
        self.sets[set].owner[element as usize]
    }

    /// What a rank owns of a set, in the wanted sequence.
    pub fn owned(&self, set: usize, rank: usize) -> Vec<u64> {
        let set = &self.sets[set];
        let owned = set.wanted.iter().filter(|&&element| set.owner[element as usize] == rank);
        owned.copied().collect()
    }

    /// A rank's share of all sets.
    pub fn owned_lists(&self, rank: usize) -> Vec<Vec<u64>> {
        (0..self.sets.len()).map(|set| self.owned(set, rank)).collect()
    }

    /// The sets as a rank knows them that owns these.
    pub fn owned_sets<'a>(&self, owned: &'a [Vec<u64>]) -> Vec<OwnedSet<'a>> {
        let share = |(set, owned): (usize, &'a Vec<u64>)| OwnedSet { size: self.size(set), owned };
        owned.iter().enumerate().map(share).collect()
    }

    /// A rank's share of the entries of all maps.
    pub fn owned_targets(&self, rank: usize) -> Vec<Vec<u64>> {
        let share = |map: &WholeMap| {
            let owned = self.owned(map.from, rank);
            owned.iter().flat_map(|&element| map.row(element)).copied().collect()
        };
        self.maps.iter().map(share).collect()
    }

    /// Whether an element names what a rank owns, through any map.
    pub fn names_owned(&self, rank: usize, set: usize, element: u64) -> bool {
        let mut maps = self.maps.iter().filter(|map| map.from == set);
        maps.any(|map| map.row(element).iter().any(|&target| self.owner(map.to, target) == rank))
    }

    fn names_owned_only(&self, rank: usize, set: usize, element: u64) -> bool {
        let mut maps = self.maps.iter().filter(|map| map.from == set);
        maps.all(|map| map.row(element).iter().all(|&target| self.owner(map.to, target) == rank))
    }

    /// What a rank has of a set.
    pub fn parts(&self, set: usize, rank: usize) -> Parts {
        let owned = self.owned(set, rank);
        let (core, border) =
            owned.into_iter().partition(|&element| self.names_owned_only(rank, set, element));
        let exec = self.executed_copies(set, rank);
        let mut named = BTreeSet::new();
        for map in self.maps.iter().filter(|map| map.to == set) {
            let from = self.owned(map.from, rank).into_iter();
            let from = from.chain(self.executed_copies(map.from, rank));
            named.extend(from.flat_map(|element| map.row(element).to_vec()));
        }
        named.retain(|&element| self.owner(set, element) != rank && !exec.contains(&element));
        let non_exec = self.by_owner(set, named);
        Parts { core, border, exec, non_exec }
    }

    fn executed_copies(&self, set: usize, rank: usize) -> Vec<u64> {
        let others = (0..self.size(set)).filter(|&element| self.owner(set, element) != rank);
        self.by_owner(set, others.filter(|&element| self.names_owned(rank, set, element)))
    }

    fn by_owner(&self, set: usize, elements: impl IntoIterator<Item = u64>) -> Vec<u64> {
        let mut elements: Vec<u64> = elements.into_iter().collect();
        elements.sort_unstable_by_key(|&element| (self.owner(set, element), element));
        elements
    }
}

/// One to six ranks; sets of any sizes, also none; maps that stay near, and maps that lead anywhere;
/// ranks that own nothing.
pub fn worlds() -> impl Strategy<Value = World> {
    worlds_with(0..6, 1..5)
}

/// The same, with so many maps of so many entries.
pub fn worlds_with(maps: Range<usize>, arity: Range<usize>) -> impl Strategy<Value = World> {
    let sizes = prop::collection::vec(prop_oneof![1 => 0_u64..4, 4 => 1_u64..40], 1..5);
    (1_usize..7, sizes).prop_flat_map(move |(ranks, sizes)| {
        let sets: Vec<_> = sizes.iter().map(|&size| whole_set(ranks, size)).collect();
        let maps = prop::collection::vec(whole_map(sizes, arity.clone()), maps.clone());
        (sets, maps).prop_map(move |(sets, maps)| {
            let maps = maps.into_iter().flatten().collect();
            World { ranks, sets, maps }
        })
    })
}

fn whole_set(ranks: usize, size: u64) -> impl Strategy<Value = WholeSet> + use<> {
    let len = size as usize;
    let blocks = Just((0..len).map(|element| element * ranks / len.max(1)).collect::<Vec<usize>>());
    let owner = prop_oneof![
        2 => blocks,
        3 => prop::collection::vec(0..ranks, len),
        1 => (0..ranks).prop_map(move |rank| vec![rank; len]),
        1 => (0..ranks, 0..ranks).prop_flat_map(move |(one, other)| {
            prop::collection::vec(prop_oneof![Just(one), Just(other)], len)
        }),
    ];
    let ascending: Vec<u64> = (0..size).collect();
    let wanted = prop_oneof![Just(ascending.clone()), Just(ascending).prop_shuffle()];
    (owner, wanted).prop_map(|(owner, wanted)| WholeSet { owner, wanted })
}

/// A map between two of the sets; none if it would lead from something to nothing.
fn whole_map(sizes: Vec<u64>, arity: Range<usize>) -> impl Strategy<Value = Option<WholeMap>> {
    let ends = (0..sizes.len(), 0..sizes.len(), arity, any::<bool>());
    ends.prop_flat_map(move |(from, to, arity, is_near)| {
        let (elements, rows) = (sizes[from], sizes[to]);
        let len = elements as usize * arity;
        let reach = if is_near { 0..2 } else { 0..rows.max(1) };
        prop::collection::vec(reach, len).prop_map(move |offsets| {
            let entry = |(place, offset): (usize, u64)| {
                let element = (place / arity) as u64;
                (element * rows / elements + offset) % rows
            };
            (rows > 0 || elements == 0).then(|| {
                let targets = offsets.into_iter().enumerate().map(entry).collect();
                WholeMap { from, to, arity, targets }
            })
        })
    })
}

//! From ownership and maps to local numbers.
//!
//! ```text
//! rows of a set on a rank
//! 0          core          owned        exec          rows
//! |   core    |    border    | exec halo | non-exec halo |
//! |--- elements owned here --|--- copies of others' -----|
//! |------- rows of the tables of maps ---|
//! ```
//!
//! - *core*: all entries of all maps of the element lead to elements that are owned here, so nothing
//!   need arrive before its turn;
//! - *exec halo*: owned elsewhere, with an entry that is owned here: executed here too, so that its
//!   increments to what is owned here need no message;
//! - *non-exec halo*: owned elsewhere, and named by owned elements or by the exec halo: its values are
//!   read.
//!
//! The owner of an element knows all of its entries, so it tells other ranks whom they execute, with
//! the entries and their owners. Only the owners of targets are asked of directories, and only of those
//! that are not owned where they are named: work beyond one look at each entry goes with the size of
//! the borders. Which halo values a loop needs is asked of `dist::needs`.

use std::ops::Range;

use crate::base::comm::Comm;
use crate::base::error::{Error, Result};
use crate::base::wire::{agree, same};
use crate::dist::directory::Directory;
use crate::dist::halo::Halo;
use crate::dist::index::{Index, countable};
use crate::dist::owned::{OwnedMap, OwnedSet};

mod executed;

use executed::{ExecHalos, Executor};

/// The local numbers of a set on a rank.
///
/// In each part of the owned elements they keep the wanted sequence; both parts of the halo are sorted
/// by owner, then by users' numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Where the core ends and the border begins.
    pub core: usize,
    /// Where owned elements end and the exec halo begins.
    pub owned: usize,
    /// Where the exec halo ends and the non-exec halo begins.
    pub exec: usize,
    /// How many elements have local numbers.
    pub rows: usize,
    /// Users' numbers, `[rows]`.
    pub to_user: Vec<u64>,
    /// Owners of the halo, `[rows - owned]`.
    pub halo_owner: Vec<u32>,
    index: Index,
}

impl Region {
    /// The local number of an element, if it has one here.
    pub fn local(&self, user: u64) -> Option<u32> {
        self.index.find(&self.to_user, user)
    }
}

impl Halo for Region {
    fn rows(&self) -> Range<usize> {
        self.owned..self.rows
    }

    fn owners(&self) -> &[u32] {
        &self.halo_owner
    }

    fn user(&self, row: u32) -> u64 {
        self.to_user[row as usize]
    }

    fn local(&self, user: u64) -> Option<u32> {
        Region::local(self, user)
    }
}

/// Numbers all sets, and gives the tables of all maps: `[exec of from, arity]`, local numbers of the
/// set that the map leads to. Collective.
///
/// # Errors
/// The same on all ranks: an element with not just one owner, or an entry that does not exist; a table
/// of another length; sets and maps that differ between ranks; more rows on a rank than local numbers
/// can count.
pub fn build(
    comm: &dyn Comm,
    sets: &[OwnedSet],
    maps: &[OwnedMap],
) -> Result<(Vec<Region>, Vec<Vec<u32>>)> {
    same(comm, "sizes of sets, and maps between them", &shape(sets, maps))?;
    let directories: Result<Vec<Directory>> =
        sets.iter().map(|set| Directory::new(comm, set.size, set.owned)).collect();
    let directories = directories?;
    let tables = agree(comm, tables_of_owned(sets, maps))?;
    let foreign = foreign_targets(comm, &directories, maps, &tables)?;
    let mesh = Mesh { sets, maps, tables, foreign };
    let executors: Vec<_> = (0..sets.len()).map(|set| mesh.executors(set)).collect();
    let halos = mesh.exec_halos(comm, &executors)?;
    let number = |set: usize| mesh.number(comm.rank(), set, &executors[set], &halos);
    let numbered: Result<Vec<Numbered>> = (0..sets.len()).map(number).collect();
    let numbered = agree(comm, numbered)?;
    let tables = (0..maps.len()).map(|map| mesh.local_table(map, &numbered, &halos)).collect();
    Ok((numbered.into_iter().map(|set| set.region).collect(), tables))
}

fn shape(sets: &[OwnedSet], maps: &[OwnedMap]) -> Vec<u64> {
    let sizes = sets.iter().map(|set| set.size);
    let maps = maps.iter().flat_map(|map| [map.from, map.to, map.arity]);
    sizes.chain(maps.map(|number| number as u64)).collect()
}

/// Stands for a target that another rank owns.
const FOREIGN: u32 = u32::MAX;

/// For each map, the places of its targets among the owned elements, or `FOREIGN`.
fn tables_of_owned(sets: &[OwnedSet], maps: &[OwnedMap]) -> Result<Vec<Vec<u32>>> {
    let indices: Result<Vec<Index>> = sets.iter().map(|set| Index::new(set.owned)).collect();
    let indices = indices?;
    let table = |map: &OwnedMap| {
        let (Some(from), Some(to)) = (sets.get(map.from), sets.get(map.to)) else {
            return Err(Error::other("a map needs two of the sets"));
        };
        let (entries, elements) = (map.targets.len(), from.owned.len());
        if entries != elements * map.arity {
            let arity = map.arity;
            return Err(Error::Other(format!(
                "a map of arity {arity} has {entries} entries for {elements} elements"
            )));
        }
        let place = |&target| indices[map.to].find(to.owned, target).unwrap_or(FOREIGN);
        Ok(map.targets.iter().map(place).collect())
    };
    maps.iter().map(table).collect()
}

/// Elements of a set that owned elements name and others own.
struct Foreign {
    /// Users' numbers, ascending.
    elements: Vec<u64>,
    owners: Vec<u32>,
}

impl Foreign {
    fn owner(&self, element: u64) -> u32 {
        self.owners[self.elements.partition_point(|&other| other < element)]
    }
}

fn foreign_targets(
    comm: &dyn Comm,
    directories: &[Directory],
    maps: &[OwnedMap],
    tables: &[Vec<u32>],
) -> Result<Vec<Foreign>> {
    let foreign = |(set, directory): (usize, &Directory)| {
        let maps = maps.iter().zip(tables).filter(|(map, _)| map.to == set);
        let entries = maps.flat_map(|(map, table)| map.targets.iter().zip(table));
        let foreign = entries.filter(|&(_, &place)| place == FOREIGN);
        let mut elements: Vec<u64> = foreign.map(|(&target, _)| target).collect();
        elements.sort_unstable();
        elements.dedup();
        let owners = directory.owners(comm, &elements)?;
        Ok(Foreign { elements, owners })
    };
    directories.iter().enumerate().map(foreign).collect()
}

/// What a rank knows before halos.
struct Mesh<'a> {
    sets: &'a [OwnedSet<'a>],
    maps: &'a [OwnedMap<'a>],
    /// By map, places among the owned elements or `FOREIGN`.
    tables: Vec<Vec<u32>>,
    /// By set.
    foreign: Vec<Foreign>,
}

/// A set with its local numbers.
struct Numbered {
    region: Region,
    /// Places among the owned elements in the sequence of their local numbers.
    places: Vec<u32>,
    /// The local number of each place.
    local: Vec<u32>,
}

impl Mesh<'_> {
    fn maps_from(&self, set: usize) -> impl Iterator<Item = usize> {
        (0..self.maps.len()).filter(move |&map| self.maps[map].from == set)
    }

    fn maps_to(&self, set: usize) -> impl Iterator<Item = usize> {
        (0..self.maps.len()).filter(move |&map| self.maps[map].to == set)
    }

    fn number(
        &self,
        here: usize,
        set: usize,
        executors: &[Executor],
        halos: &ExecHalos,
    ) -> Result<Numbered> {
        let owned = &self.sets[set].owned;
        let exec_halo = &halos.elements[set];
        let non_exec_halo = self.non_exec_halo(here, set, halos);
        let rows = owned.len() + exec_halo.len() + non_exec_halo.len();
        countable(rows)?;
        let mut is_border = vec![false; owned.len()];
        executors.iter().for_each(|executor| is_border[executor.place as usize] = true);
        let (core, border): (Vec<u32>, Vec<u32>) =
            (0..owned.len() as u32).partition(|&place| !is_border[place as usize]);
        let places = [&core[..], &border].concat();
        let halo = || exec_halo.iter().chain(&non_exec_halo);
        let own = places.iter().map(|&place| owned[place as usize]);
        let to_user: Vec<u64> = own.chain(halo().map(|&(_, element)| element)).collect();
        let region = Region {
            core: core.len(),
            owned: owned.len(),
            exec: owned.len() + exec_halo.len(),
            rows,
            index: Index::new(&to_user)?,
            to_user,
            halo_owner: halo().map(|&(owner, _)| owner).collect(),
        };
        let mut local = vec![0; places.len()];
        (0..).zip(&places).for_each(|(number, &place)| local[place as usize] = number);
        Ok(Numbered { region, places, local })
    }

    /// What owned elements and the exec halo name, is owned elsewhere, and is not executed here.
    fn non_exec_halo(&self, here: usize, set: usize, halos: &ExecHalos) -> Vec<(u32, u64)> {
        let Foreign { elements, owners } = &self.foreign[set];
        let of_owned = owners.iter().copied().zip(elements.iter().copied());
        let of_exec_halo = self.maps_to(set).flat_map(|map| halos.targets[map].iter().copied());
        let elsewhere = of_exec_halo.filter(|&(owner, _)| owner != here as u32);
        let mut halo: Vec<(u32, u64)> = of_owned.chain(elsewhere).collect();
        halo.sort_unstable();
        halo.dedup();
        halo.retain(|element| halos.elements[set].binary_search(element).is_err());
        halo
    }

    fn local_table(&self, map: usize, numbered: &[Numbered], halos: &ExecHalos) -> Vec<u32> {
        let (OwnedMap { from, to, arity, targets }, table) = (self.maps[map], &self.tables[map]);
        let (region, own) = (&numbered[to].region, &numbered[to].local);
        let of_user = |target| region.local(target).expect("what a row names has a local number");
        let mut local = Vec::with_capacity(numbered[from].region.exec * arity);
        for &place in &numbered[from].places {
            let entries = place as usize * arity..(place as usize + 1) * arity;
            local.extend(entries.map(|entry| match table[entry] {
                FOREIGN => of_user(targets[entry]),
                place => own[place as usize],
            }));
        }
        local.extend(halos.targets[map].iter().map(|&(_, target)| of_user(target)));
        local
    }
}

#[cfg(test)]
mod tests {
    use super::{Region, build};
    use crate::base::comm::Comm;
    use crate::base::error::{Error, Result};
    use crate::dist::owned::{OwnedMap, OwnedSet};
    use crate::dist::threads;

    const NODES: u64 = 6;

    type Numbers = (Vec<Region>, Vec<Vec<u32>>);

    /// The path `0 - 1 - 2 - 3 - 4 - 5`: edge `e` leads to nodes `e` and `e + 1`. Each rank owns some
    /// edges and some nodes.
    fn path(owned: &[(&[u64], &[u64])]) -> Vec<Result<Numbers, String>> {
        let build = |rank: usize, comm: &dyn Comm| {
            let (edges, nodes) = owned[rank];
            let targets: Vec<u64> = edges.iter().flat_map(|&edge| [edge, edge + 1]).collect();
            let sets = [
                OwnedSet { size: NODES - 1, owned: edges },
                OwnedSet { size: NODES, owned: nodes },
            ];
            build(comm, &sets, &[OwnedMap { from: 0, to: 1, arity: 2, targets: &targets }])
        };
        let text = |error: Error| error.to_string();
        let found = threads::run(owned.len(), |comm| Ok(build(comm.rank(), &*comm).map_err(text)));
        found.unwrap()
    }

    fn ends(region: &Region) -> [usize; 4] {
        [region.core, region.owned, region.exec, region.rows]
    }

    #[test]
    fn a_path_is_cut_in_two() {
        //  rank 0 | 1
        // 0-1-2-3-|-4-5   edge 3 belongs to rank 1, and so do nodes 4 and 5
        let found = path(&[(&[2, 1, 0], &[0, 1, 2, 3]), (&[3, 4], &[5, 4])]);
        let [Ok((left, left_table)), Ok((right, right_table))] = &found[..] else { panic!() };

        assert_eq!(ends(&left[0]), [3, 3, 4, 4]);
        assert_eq!(left[0].to_user, [2, 1, 0, 3]); // edge 3 changes node 3
        assert_eq!(ends(&left[1]), [4, 4, 4, 5]);
        assert_eq!(left[1].to_user, [0, 1, 2, 3, 4]); // edge 3 names node 4
        assert_eq!(left_table, &[[2, 3, 1, 2, 0, 1, 3, 4]]);
        assert_eq!((&left[0].halo_owner[..], &left[1].halo_owner[..]), (&[1][..], &[1][..]));

        assert_eq!(ends(&right[0]), [1, 2, 2, 2]);
        assert_eq!(right[0].to_user, [4, 3]); // edge 4 needs nothing: it goes first
        assert_eq!(ends(&right[1]), [2, 2, 2, 3]);
        assert_eq!(right[1].to_user, [5, 4, 3]);
        assert_eq!(right_table, &[[1, 0, 2, 1]]);
        assert_eq!(right[1].local(3), Some(2));
        assert_eq!(right[1].local(2), None);
    }

    #[test]
    fn ranks_may_own_nothing_and_others_all() {
        let found = path(&[(&[], &[]), (&[0, 1, 2, 3, 4], &[0, 1, 2, 3, 4, 5]), (&[], &[])]);
        let rows = |rank: usize| found[rank].as_ref().map(|(regions, _)| ends(&regions[1]));
        assert_eq!([rows(0), rows(1), rows(2)], [Ok([0; 4]), Ok([6; 4]), Ok([0; 4])]);
    }

    #[test]
    fn one_rank_has_no_halo() {
        let found = path(&[(&[4, 1, 0, 2, 3], &[0, 5, 1, 2, 3, 4])]);
        let [Ok((regions, tables))] = &found[..] else { panic!() };
        assert_eq!([ends(&regions[0]), ends(&regions[1])], [[5; 4], [6; 4]]);
        assert_eq!(tables, &[[5, 1, 2, 3, 0, 2, 3, 4, 4, 5]]);
    }

    #[test]
    fn all_ranks_hear_of_flaws() {
        let all = |owned: &[(&[u64], &[u64])], expected: &str| {
            for found in path(owned) {
                assert_eq!(found.map(|_| ()), Err(expected.to_owned()));
            }
        };
        all(&[(&[0, 1, 2], &[0, 1, 2]), (&[3, 4], &[3, 5])], "element 4 is owned by no rank");
        all(
            &[(&[0, 1, 2], &[0, 1, 2]), (&[2, 3, 4], &[3, 4, 5])],
            "element 2 is owned by ranks 0 and 1",
        );

        let failing = |entry: u64, entries: usize| {
            let found = threads::run(2, |comm| {
                let sets = [OwnedSet { size: 2, owned: &[comm.rank() as u64] }];
                let targets = if comm.rank() == 0 { vec![0; 2] } else { vec![entry; entries] };
                let map = OwnedMap { from: 0, to: 0, arity: 2, targets: &targets };
                Ok(build(&*comm, &sets, &[map]).unwrap_err().to_string())
            });
            let found = found.unwrap();
            assert_eq!(found[0], found[1]);
            found[0].clone()
        };
        assert_eq!(failing(2, 2), "rank 1: element 2 does not exist: the set has 2 elements");
        assert_eq!(failing(0, 3), "rank 1: a map of arity 2 has 3 entries for 1 elements");
    }

    #[test]
    fn ranks_with_other_maps_are_named() {
        let found = threads::run(2, |comm| {
            let sets = [OwnedSet { size: 2, owned: &[comm.rank() as u64] }];
            let map = OwnedMap { from: 0, to: 0, arity: 1 + comm.rank(), targets: &[0, 0] };
            Ok(build(&*comm, &sets, &[map]).unwrap_err().to_string())
        });
        let expected = "rank 1: sizes of sets, and maps between them: [2, 0, 0, 2] here, [2, 0, 0, 1] on rank 0";
        assert_eq!(found.unwrap(), [expected; 2]);
    }
}

//! How good a partition is: work per rank, rows that are cut, halos, neighbors.
//!
//! Holds the numbers as data and as a table. Sizes of halos and numbers of neighbors are known to
//! whoever numbers elements locally, and passed in; [`num_cut`] counts before anything is moved.

use std::fmt;

use crate::base::comm::Comm;
use crate::base::error::Result;
use crate::base::table::{self, NOTHING, count, percent, ratio};
use crate::dist::directory::{Directory, fetch};
use crate::dist::partition::combine::share;
use crate::dist::partition::{OwnedMap, OwnedSet};

/// A partition in numbers, the same on all ranks. `Display` prints a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Quality {
    /// One for each set.
    pub sets: Vec<SetQuality>,
    /// One for each map.
    pub maps: Vec<MapQuality>,
    /// With how many others each rank exchanges halos (`[ranks]`).
    pub neighbors: Vec<u64>,
}

/// How a set is spread.
#[derive(Clone, Debug, PartialEq)]
pub struct SetQuality {
    /// The set's name.
    pub name: String,
    /// What each rank has of it (`[ranks]`).
    pub ranks: Vec<SetCounts>,
}

/// What a rank has of a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SetCounts {
    /// Elements that it owns.
    pub owned: u64,
    /// Elements of others that it executes too.
    pub exec_halo: u64,
    /// Elements of others that it only has copies of.
    pub non_exec_halo: u64,
}

/// How a map is cut.
#[derive(Clone, Debug, PartialEq)]
pub struct MapQuality {
    /// The map's name.
    pub name: String,
    /// Over all ranks.
    pub counts: MapCounts,
}

/// The rows of a map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MapCounts {
    /// All of them.
    pub rows: u64,
    /// Those whose entries are on more than one rank.
    pub cut: u64,
}

impl Quality {
    /// Gathers the numbers of all ranks: what this rank has of each set, its own rows of each map, and its
    /// number of neighbors. Collective; sets and maps are the same on all ranks, in one sequence.
    ///
    /// # Errors
    /// A rank has ended.
    pub fn gather(
        comm: &dyn Comm,
        sets: &[(&str, SetCounts)],
        maps: &[(&str, MapCounts)],
        neighbors: u64,
    ) -> Result<Self> {
        let of_set = |(_, set): &(&str, SetCounts)| [set.owned, set.exec_halo, set.non_exec_halo];
        let of_map = |(_, map): &(&str, MapCounts)| [map.rows, map.cut];
        let sets_words = sets.iter().flat_map(of_set);
        let words = sets_words.chain(maps.iter().flat_map(of_map)).chain([neighbors]);
        let words: Vec<u64> = words.collect();
        let all = share(comm, &words)?;
        let column = |place: usize| all.iter().skip(place).step_by(words.len()).copied();
        let set = |(place, (name, _)): (usize, &(&str, SetCounts))| {
            let columns = [0, 1, 2].map(|word| column(3 * place + word));
            SetQuality { name: (*name).to_owned(), ranks: set_counts(columns) }
        };
        let map = |(place, (name, _)): (usize, &(&str, MapCounts))| {
            let [rows, cut] = [0, 1].map(|word| column(3 * sets.len() + 2 * place + word).sum());
            MapQuality { name: (*name).to_owned(), counts: MapCounts { rows, cut } }
        };
        Ok(Self {
            sets: sets.iter().enumerate().map(set).collect(),
            maps: maps.iter().enumerate().map(map).collect(),
            neighbors: column(words.len() - 1).collect(),
        })
    }
}

fn set_counts([owned, exec, non_exec]: [impl Iterator<Item = u64>; 3]) -> Vec<SetCounts> {
    let halos = exec.zip(non_exec);
    let counts = owned.zip(halos).map(|(owned, (exec_halo, non_exec_halo))| SetCounts {
        owned,
        exec_halo,
        non_exec_halo,
    });
    counts.collect()
}

impl SetQuality {
    /// Elements on all ranks.
    pub fn elements(&self) -> u64 {
        self.ranks.iter().map(|rank| rank.owned).sum()
    }

    /// Elements per rank.
    pub fn mean(&self) -> f64 {
        self.elements() as f64 / self.ranks.len() as f64
    }

    /// The most elements of a rank as a multiple of the mean: 1 is perfect, and the number of ranks means
    /// that one has all. None for a set without elements.
    pub fn imbalance(&self) -> Option<f64> {
        ratio(most(self.owned()) as f64, self.mean())
    }

    fn owned(&self) -> impl Iterator<Item = u64> {
        self.ranks.iter().map(|rank| rank.owned)
    }
}

impl MapQuality {
    /// The share of rows that are cut. None for a map without rows.
    pub fn cut_share(&self) -> Option<f64> {
        ratio(self.counts.cut as f64, self.counts.rows as f64)
    }
}

fn most(numbers: impl Iterator<Item = u64>) -> u64 {
    numbers.max().unwrap_or(0)
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let titles =
            ["set", "elements", "least", "mean", "most", "imbalance", "exec halo", "non-exec halo"];
        let rows: Vec<_> = self.sets.iter().map(set_row).collect();
        table::write(f, titles, &rows, None)?;
        if !self.maps.is_empty() {
            writeln!(f)?;
            let rows: Vec<_> = self.maps.iter().map(map_row).collect();
            table::write(f, ["map", "rows", "cut", "share"], &rows, None)?;
        }
        let ranks = self.neighbors.len();
        let mean = ratio(self.neighbors.iter().sum::<u64>() as f64, ranks as f64).unwrap_or(0.0);
        let most = most(self.neighbors.iter().copied());
        let ranks = if ranks == 1 { "1 rank".to_owned() } else { format!("{ranks} ranks") };
        writeln!(f, "{ranks}; neighbors: {mean:.1} on average, {most} at most; halos: the largest")
    }
}

fn set_row(set: &SetQuality) -> [String; 8] {
    let largest = |of: fn(&SetCounts) -> u64| match most(set.ranks.iter().map(of)) {
        0 => NOTHING.to_owned(),
        number => count(number),
    };
    [
        set.name.clone(),
        count(set.elements()),
        count(set.owned().min().unwrap_or(0)),
        count(set.mean().round() as u64),
        count(most(set.owned())),
        set.imbalance().map_or(NOTHING.to_owned(), |imbalance| format!("{imbalance:.3}")),
        largest(|rank| rank.exec_halo),
        largest(|rank| rank.non_exec_halo),
    ]
}

fn map_row(map: &MapQuality) -> [String; 4] {
    let MapCounts { rows, cut } = map.counts;
    [map.name.clone(), count(rows), count(cut), percent(map.cut_share())]
}

/// How many of this rank's rows of a map have entries on more than one rank, where `ranks` are those
/// of the elements of `to` owned here (`[owned]`). Collective.
///
/// # Errors
/// A set of which not each element has one owner, or a rank has ended. All ranks say the same.
pub fn num_cut(
    comm: &dyn Comm,
    to: &OwnedSet<'_>,
    map: &OwnedMap<'_>,
    ranks: &[u32],
) -> Result<u64> {
    let directory = Directory::new(comm, to.size, to.owned)?;
    let entries = fetch(comm, &directory, to.owned, ranks, map.targets)?;
    let rows = entries.chunks_exact(map.arity.max(1));
    Ok(rows.filter(|row| row.iter().any(|rank| *rank != row[0])).count() as u64)
}

#[cfg(test)]
mod tests {
    use super::{MapCounts, MapQuality, Quality, SetCounts, SetQuality, num_cut};
    use crate::dist::partition::testing::{SPREADS, Triangles, hash, rows};
    use crate::dist::partition::{OwnedMap, OwnedSet};
    use crate::dist::threads;

    fn counts(owned: u64, exec_halo: u64, non_exec_halo: u64) -> SetCounts {
        SetCounts { owned, exec_halo, non_exec_halo }
    }

    fn example() -> Quality {
        let cells = vec![counts(180_200, 0, 600), counts(179_800, 0, 610)];
        let edges = vec![counts(360_000, 600, 0), counts(359_300, 601, 0)];
        let map = |name: &str, rows, cut| MapQuality {
            name: name.to_owned(),
            counts: MapCounts { rows, cut },
        };
        Quality {
            sets: vec![
                SetQuality { name: "cells".to_owned(), ranks: cells },
                SetQuality { name: "edges".to_owned(), ranks: edges },
                SetQuality { name: "none".to_owned(), ranks: vec![counts(0, 0, 0); 2] },
            ],
            maps: vec![map("edge_cells", 719_300, 1201), map("none_cells", 0, 0)],
            neighbors: vec![1, 1],
        }
    }

    #[test]
    fn the_table_is_aligned_and_readable() {
        let expected = "\
set    elements    least     mean     most  imbalance  exec halo  non-exec halo
-------------------------------------------------------------------------------
cells   360,000  179,800  180,000  180,200      1.001          -            610
edges   719,300  359,300  359,650  360,000      1.001        601              -
none          0        0        0        0          -          -              -

map            rows    cut  share
---------------------------------
edge_cells  719,300  1,201  0.2 %
none_cells        0      0      -
2 ranks; neighbors: 1.0 on average, 1 at most; halos: the largest
";
        assert_eq!(example().to_string(), expected);
    }

    #[test]
    fn all_ranks_get_all_numbers() {
        let expected = example();
        let gathered = threads::run(2, |comm| {
            let sets: Vec<_> =
                expected.sets.iter().map(|set| (&*set.name, set.ranks[comm.rank()])).collect();
            let part = |all: u64| if comm.rank() == 0 { all / 3 } else { all - all / 3 };
            let part = |MapCounts { rows, cut }| MapCounts { rows: part(rows), cut: part(cut) };
            let maps: Vec<_> =
                expected.maps.iter().map(|map| (&*map.name, part(map.counts))).collect();
            Quality::gather(&*comm, &sets, &maps, expected.neighbors[comm.rank()])
        });
        assert_eq!(gathered.unwrap(), [expected.clone(), expected]);
    }

    #[test]
    fn one_rank_has_everything() {
        let alone =
            threads::run(1, |comm| Quality::gather(&*comm, &[("cells", counts(7, 0, 0))], &[], 0));
        let quality = alone.unwrap().remove(0);
        assert_eq!((quality.sets[0].imbalance(), quality.sets[0].elements()), (Some(1.0), 7));
        assert!(quality.to_string().contains("1 rank; neighbors: 0.0 on average, 0 at most"));
    }

    #[test]
    fn imbalance_is_the_most_by_the_mean() {
        let ranks = vec![counts(0, 0, 0), counts(30, 0, 0), counts(0, 0, 0)];
        let set = SetQuality { name: "all_on_one".to_owned(), ranks };
        assert_eq!((set.mean(), set.imbalance()), (10.0, Some(3.0)));
    }

    #[test]
    fn rows_with_entries_on_several_ranks_are_cut() {
        let mesh = Triangles::annulus(12, 4);
        let num_cells = mesh.cell_nodes.len() as u64;
        let parts: Vec<_> = (0..num_cells).map(|cell| (hash(cell) % 3) as u32).collect();
        for spread in SPREADS {
            let cut = threads::run(4, |comm| {
                let owned = spread.owned(num_cells, &*comm);
                let ranks: Vec<_> = owned.iter().map(|&cell| parts[cell as usize]).collect();
                let edges = spread.owned(mesh.edge_cells.len() as u64, &*comm);
                let targets = rows(&mesh.edge_cells, &edges);
                let map = OwnedMap { from: 1, to: 0, arity: 2, targets: &targets };
                num_cut(&*comm, &OwnedSet { size: num_cells, owned: &owned }, &map, &ranks)
            });
            assert_eq!(cut.unwrap().iter().sum::<u64>(), mesh.cut(&parts) as u64);
        }
    }
}

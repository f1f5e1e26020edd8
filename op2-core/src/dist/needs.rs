//! Which halo values a loop needs, and who sends them.
//!
//! The questions of a loop are answered from the tables on this rank: which elements of the exec halo
//! it must run over ([`exec_elements`]), and which halo rows it reads ([`halo_rows`]). [`Lists`] then
//! says, on both sides, which rows travel. When they travel is decided above; how, in `dist`'s channels.

use std::ops::Range;

use crate::base::comm::Comm;
use crate::base::error::{Error, Result};
use crate::base::wire::{by_rank, exchange};
use crate::dist::halo::Halo;

/// Rows by the other rank: ranks ascend, and none is without rows.
pub type RowsByRank = Vec<(usize, Vec<u32>)>;

/// Which rows of a set come from and go to which ranks. Rows to one rank stand in the sequence in which
/// they arrive there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// Halo rows, ascending, by the rank that owns them.
    pub import: RowsByRank,
    /// Owned rows, by the rank that has copies of them.
    pub export: RowsByRank,
}

impl Lists {
    /// The lists that bring values of the `wanted` halo rows: local numbers, ascending. Collective.
    ///
    /// # Errors
    /// The same on all ranks: a wanted row is not one of the halo, or they do not ascend. Here alone:
    /// a rank wants what is not owned here, because its `halo` is that of another set.
    pub fn new(comm: &dyn Comm, halo: &dyn Halo, wanted: &[u32]) -> Result<Self> {
        let imported = imported(comm.size(), halo, wanted);
        let requests = imported.as_ref().map_err(Clone::clone).map(|lists| {
            let user = |&row: &u32| halo.user(row);
            lists.iter().map(|rows| rows.iter().map(user).collect()).collect()
        });
        let requests: Vec<Vec<u64>> = exchange(comm, requests)?;
        let exported = requests.iter().enumerate().map(|(rank, list)| exported(halo, rank, list));
        let exported = exported.collect::<Result<Vec<Vec<u32>>>>()?;
        Ok(Self { import: used(imported?), export: used(exported) })
    }

    /// Whether these lists bring here all rows that `other` brings.
    fn cover(&self, other: &Self) -> bool {
        other.import.iter().all(|(rank, rows)| {
            let place = self.import.binary_search_by_key(rank, |(rank, _)| *rank);
            place.is_ok_and(|place| contains(&self.import[place].1, rows))
        })
    }
}

/// Of each pair, whether the first lists bring all rows that the second bring, on every rank. Collective,
/// for as many pairs on all ranks.
///
/// # Errors
/// A rank has ended.
pub fn cover(comm: &dyn Comm, pairs: &[(&Lists, &Lists)]) -> Result<Vec<bool>> {
    let here: Vec<u8> = pairs.iter().map(|(all, some)| u8::from(all.cover(some))).collect();
    let everywhere = comm.all_gather(&here)?;
    let on_all = |pair| everywhere.iter().all(|rank| rank.get(pair) == Some(&1));
    Ok((0..pairs.len()).map(on_all).collect())
}

/// Wanted rows by their owners.
fn imported(ranks: usize, halo: &dyn Halo, wanted: &[u32]) -> Result<Vec<Vec<u32>>> {
    let rows = halo.rows();
    if let Some(row) = wanted.iter().find(|row| !rows.contains(&(**row as usize))) {
        return Err(Error::other(format!("row {row} is not in the halo, {rows:?}")));
    }
    if let Some([row, next]) = wanted.windows(2).find(|pair| pair[0] >= pair[1]) {
        return Err(Error::other(format!("row {next} is wanted after row {row}")));
    }
    Ok(by_rank(ranks, wanted.iter().map(|&row| (halo.owner(row), row))))
}

/// Local numbers of the owned elements that a rank wants.
fn exported(halo: &dyn Halo, rank: usize, elements: &[u64]) -> Result<Vec<u32>> {
    let owned = halo.rows().start;
    let row = |&element: &u64| {
        let row = halo.local(element).filter(|&row| (row as usize) < owned);
        row.ok_or_else(|| Error::Rank {
            rank,
            reason: format!("wants element {element} from a rank that does not own it"),
        })
    };
    elements.iter().map(row).collect()
}

fn used(lists: Vec<Vec<u32>>) -> RowsByRank {
    lists.into_iter().enumerate().filter(|(_, rows)| !rows.is_empty()).collect()
}

/// Whether ascending `rows` hold all of ascending `others`.
fn contains(rows: &[u32], others: &[u32]) -> bool {
    let mut rows = rows.iter();
    others.iter().all(|other| rows.any(|row| row == other))
}

/// Entries of a map that an argument of a loop uses, and the rows that it leads to.
#[derive(Clone, Debug)]
pub struct Reach<'a> {
    /// Local numbers of the target set, `[elements, arity]`.
    pub table: &'a [u32],
    /// Entries of each element.
    pub arity: usize,
    /// Those that are used.
    pub columns: Range<usize>,
    /// Owned elements of the target set.
    pub owned: usize,
    /// All elements of the target set with local numbers. Entries from here on lead nowhere.
    pub rows: usize,
}

impl Reach<'_> {
    fn entries(&self, element: usize) -> &[u32] {
        &self.table[element * self.arity..][self.columns.clone()]
    }
}

/// The elements of the exec halo (`owned..exec`) over which a loop runs: those with a written entry
/// that is owned here. Ascending.
pub fn exec_elements(owned: usize, exec: usize, writes: &[Reach]) -> Vec<u32> {
    let changes = |element: usize| {
        let owned =
            |reach: &Reach| reach.entries(element).iter().any(|&e| (e as usize) < reach.owned);
        writes.iter().any(owned)
    };
    (owned..exec).filter(|&element| changes(element)).map(|element| element as u32).collect()
}

/// The halo rows of one set that are named by elements of `range` and by those of `list`. Ascending,
/// each once. Core elements name none, so the range may begin behind them.
pub fn halo_rows(range: Range<usize>, list: &[u32], reads: &[Reach]) -> Vec<u32> {
    let mut rows = Vec::new();
    for reach in reads {
        let elements = range.clone().chain(list.iter().map(|&element| element as usize));
        let entries = elements.flat_map(|element| reach.entries(element));
        let halo = reach.owned..reach.rows;
        rows.extend(entries.copied().filter(|&row| halo.contains(&(row as usize))));
    }
    rows.sort_unstable();
    rows.dedup();
    rows
}

#[cfg(test)]
mod tests {
    use super::{Lists, Reach, cover, exec_elements, halo_rows};
    use crate::base::comm::Comm;
    use crate::base::error::Result;
    use crate::dist::owned::{OwnedMap, OwnedSet};
    use crate::dist::regions::{Region, build};
    use crate::dist::threads;

    /// A ring of six cells, two on each of three ranks; each cell names itself and the next.
    fn ring(comm: &dyn Comm) -> Result<(Region, Vec<u32>)> {
        let owned = vec![2 * comm.rank() as u64, 2 * comm.rank() as u64 + 1];
        let targets: Vec<u64> = owned.iter().flat_map(|&cell| [cell, (cell + 1) % 6]).collect();
        let map = OwnedMap { from: 0, to: 0, arity: 2, targets: &targets };
        let (mut regions, mut tables) =
            build(comm, &[OwnedSet { size: 6, owned: &owned }], &[map])?;
        Ok((regions.remove(0), tables.remove(0)))
    }

    fn on_ranks<R: Send>(
        collective: impl Fn(&dyn Comm) -> Result<R> + Sync,
    ) -> Vec<Result<R, String>> {
        threads::run(3, |comm| Ok(collective(&*comm).map_err(|error| error.to_string()))).unwrap()
    }

    #[test]
    fn a_ring_hands_on() {
        let found = on_ranks(|comm| {
            let (region, table) = ring(comm)?;
            // Rows: the own cells, the one before (executed here), the one behind (named).
            assert_eq!([region.core, region.owned, region.exec, region.rows], [1, 2, 3, 4]);
            let column = |columns| Reach { table: &table, arity: 2, columns, owned: 2, rows: 4 };
            assert_eq!(exec_elements(2, 3, &[column(0..1)]), [0; 0]);
            assert_eq!(exec_elements(2, 3, &[column(1..2)]), [2]);
            assert_eq!(exec_elements(2, 3, &[column(0..1), column(1..2)]), [2]);
            assert_eq!(halo_rows(0..2, &[], &[column(0..1)]), [0; 0]);
            assert_eq!(halo_rows(0..2, &[], &[column(0..2)]), [3]);
            assert_eq!(halo_rows(0..2, &[2], &[column(0..2)]), [2, 3]);
            let lists = Lists::new(comm, &region, &[3])?;
            let all = Lists::new(comm, &region, &[2, 3])?;
            let pairs = [(&lists, &all), (&all, &lists), (&lists, &lists)];
            assert_eq!(cover(comm, &pairs)?, [false, true, true]);
            Ok(lists)
        });
        for (rank, found) in found.into_iter().enumerate() {
            let import = vec![((rank + 1) % 3, vec![3])];
            let export = vec![((rank + 2) % 3, vec![0])];
            assert_eq!(found, Ok(Lists { import, export }));
        }
    }

    #[test]
    fn entries_that_lead_nowhere_need_nothing() {
        let table = [0, u32::MAX, u32::MAX, 4, 2, u32::MAX];
        let reach = Reach { table: &table, arity: 2, columns: 0..2, owned: 3, rows: 5 };
        assert_eq!(exec_elements(1, 3, std::slice::from_ref(&reach)), [2]);
        assert_eq!(halo_rows(0..3, &[], &[reach]), [4]);
    }

    #[test]
    fn one_rank_that_needs_more_is_enough_not_to_cover() {
        let found = on_ranks(|comm| {
            let (region, _) = ring(comm)?;
            let all = Lists::new(comm, &region, &[2, 3])?;
            let some = Lists::new(comm, &region, &[2, 3][usize::from(comm.rank() == 1)..])?;
            Ok(cover(comm, &[(&some, &all)])?[0])
        });
        assert_eq!(found, [Ok(false), Ok(false), Ok(false)]);
    }

    #[test]
    fn all_ranks_hear_of_rows_that_cannot_be_wanted() {
        let refused = |wanted: &[u32]| {
            let found = on_ranks(|comm| {
                let (region, _) = ring(comm)?;
                Lists::new(comm, &region, if comm.rank() == 1 { wanted } else { &[3] })
            });
            assert_eq!((&found[0], &found[2]), (&found[1], &found[1]));
            found[0].clone().unwrap_err()
        };
        assert_eq!(refused(&[1, 2]), "rank 1: row 1 is not in the halo, 2..4");
        assert_eq!(refused(&[2, 4]), "rank 1: row 4 is not in the halo, 2..4");
        assert_eq!(refused(&[3, 2]), "rank 1: row 2 is wanted after row 3");
        assert_eq!(refused(&[3, 3]), "rank 1: row 3 is wanted after row 3");
    }

    #[test]
    fn a_region_of_another_set_is_found() {
        let found = on_ranks(|comm| {
            let (region, _) = ring(comm)?;
            let owned = vec![[1, 0, 2][comm.rank()]];
            let (other, _) = build(comm, &[OwnedSet { size: 3, owned: &owned }], &[])?;
            let (region, wanted) =
                if comm.rank() == 0 { (&region, &[3_u32][..]) } else { (&other[0], &[][..]) };
            Lists::new(comm, region, wanted)
        });
        let expected = "rank 0: wants element 2 from a rank that does not own it".to_owned();
        assert!(found[0].is_ok() && found[2].is_ok());
        assert_eq!(found[1], Err(expected));
    }
}

//! Which rows a block may change, and in which of them it can meet another block.
//!
//! Targets of one group write the same dat, so their rows lie in one *space*. Spaces that can only
//! repeat what another space says are dropped: a loop that adds to five dats through the same two
//! entries of one map is planned as fast as one that adds to a single dat.

use std::ops::Range;

use super::request::{Request, Target};

/// The rows of one written dat, and the map entries through which the loop reaches them.
#[derive(Debug)]
pub(super) struct RowSpace<'a> {
    /// Rows in the target set.
    pub(super) size: usize,
    group: usize,
    routes: Vec<Route<'a>>,
}

/// Some entries of one map.
#[derive(Debug)]
struct Route<'a> {
    table: &'a [u32],
    arity: usize,
    /// Sorted, each once.
    columns: Vec<usize>,
}

/// The spaces that decide which blocks conflict: one for each group, less those that another implies.
pub(super) fn row_spaces<'a>(targets: &[Target<'a>]) -> Vec<RowSpace<'a>> {
    let mut spaces: Vec<RowSpace<'a>> = Vec::new();
    for target in targets {
        match spaces.iter_mut().find(|space| space.group == target.group) {
            Some(space) => space.add(target),
            None => spaces.push(RowSpace::new(target)),
        }
    }
    let mut kept: Vec<RowSpace<'a>> = Vec::new();
    // Spaces with more entries first: they can only be implied by earlier ones.
    spaces.sort_by_key(|space| std::cmp::Reverse(space.num_columns()));
    for space in spaces {
        if !kept.iter().any(|other| other.implies(&space)) {
            kept.push(space);
        }
    }
    kept
}

impl<'a> RowSpace<'a> {
    fn new(target: &Target<'a>) -> Self {
        let mut space = Self { size: target.size, group: target.group, routes: Vec::new() };
        space.add(target);
        space
    }

    /// Adds the entries of a target of the same group.
    fn add(&mut self, target: &Target<'a>) {
        self.size = self.size.max(target.size);
        let columns = target.columns.of(target.arity);
        let known = self.routes.iter().position(|route| route.is_through(target));
        let index = known.unwrap_or_else(|| {
            let (table, arity) = (target.values, target.arity);
            self.routes.push(Route { table, arity, columns: Vec::new() });
            self.routes.len() - 1
        });
        let known = &mut self.routes[index].columns;
        known.extend(columns);
        known.sort_unstable();
        known.dedup();
    }

    fn num_columns(&self) -> usize {
        self.routes.iter().map(|route| route.columns.len()).sum()
    }

    /// Whether blocks that conflict in `other` conflict in this space anyway.
    fn implies(&self, other: &Self) -> bool {
        other.routes.iter().all(|theirs| self.routes.iter().any(|ours| ours.covers(theirs)))
    }

    /// Calls `visit` with each row that the block may change, as often as it is named.
    #[inline]
    pub(super) fn each_row(
        &self,
        request: &Request<'_>,
        block: &Range<u32>,
        mut visit: impl FnMut(u32),
    ) {
        for route in self.routes.iter().filter(|route| !route.columns.is_empty()) {
            match request.subset {
                Some(subset) => {
                    let elements = &subset[block.start as usize..block.end as usize];
                    route.each_row_of(elements, &mut visit);
                }
                None => route.each_row_between(block, &mut visit),
            }
        }
    }
}

impl Route<'_> {
    fn is_through(&self, target: &Target<'_>) -> bool {
        std::ptr::eq(self.table, target.values) && self.arity == target.arity
    }

    fn covers(&self, other: &Self) -> bool {
        std::ptr::eq(self.table, other.table)
            && self.arity == other.arity
            && other.columns.iter().all(|column| self.columns.contains(column))
    }

    /// Rows of consecutive elements, which lie side by side in the table.
    #[inline]
    fn each_row_between(&self, elements: &Range<u32>, mut visit: impl FnMut(u32)) {
        let begin = elements.start as usize * self.arity;
        let table = &self.table[begin..elements.end as usize * self.arity];
        if self.columns.len() == self.arity {
            return table.iter().copied().for_each(visit);
        }
        for &column in &self.columns {
            for rows in table.chunks_exact(self.arity) {
                visit(rows[column]);
            }
        }
    }

    /// Rows of any elements.
    #[inline]
    fn each_row_of(&self, elements: &[u32], mut visit: impl FnMut(u32)) {
        for &element in elements {
            let rows = &self.table[element as usize * self.arity..][..self.arity];
            self.columns.iter().for_each(|&column| visit(rows[column]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::request::ColumnSet;
    use super::*;

    const TABLE: [u32; 6] = [0, 1, 1, 2, 2, 3];
    const OTHER: [u32; 3] = [3, 3, 0];

    fn target(values: &[u32], arity: usize, columns: ColumnSet, group: usize) -> Target<'_> {
        Target { values, arity, columns, size: 4, group, combines: true, row_bytes: 8 }
    }

    fn rows(targets: &[Target<'_>], subset: Option<&[u32]>, block: Range<u32>) -> Vec<Vec<u32>> {
        let request = Request { positions: 3, subset, targets };
        let rows = |space: &RowSpace<'_>| {
            let mut rows = Vec::new();
            space.each_row(&request, &block, |row| rows.push(row));
            rows
        };
        row_spaces(targets).iter().map(rows).collect()
    }

    #[test]
    fn entries_of_one_dat_share_a_space() {
        let one = |column| target(&TABLE, 2, ColumnSet::One(column), 5);
        assert_eq!(rows(&[one(0), one(1), one(0)], None, 1..3), [[1, 2, 2, 3]]);
        let maps = [one(1), target(&OTHER, 1, ColumnSet::All, 5)];
        assert_eq!(rows(&maps, None, 0..2), [[1, 2, 3, 3]]);
    }

    #[test]
    fn a_subset_leads_to_the_rows_of_its_elements() {
        let all = target(&TABLE, 2, ColumnSet::All, 0);
        assert_eq!(rows(&[all], Some(&[2, 0, 1]), 0..2), [[2, 3, 0, 1]]);
        let one = target(&TABLE, 2, ColumnSet::One(1), 0);
        assert_eq!(rows(&[one], Some(&[2, 0, 1]), 1..3), [[1, 2]]);
    }

    #[test]
    fn dats_written_through_the_same_entries_are_looked_at_once() {
        let a = target(&TABLE, 2, ColumnSet::One(0), 0);
        let b = target(&TABLE, 2, ColumnSet::All, 1);
        assert_eq!(rows(&[a, b], None, 0..1), [[0, 1]]);
    }

    #[test]
    fn dats_written_through_different_entries_are_not_confused() {
        let a = target(&TABLE, 2, ColumnSet::One(0), 0);
        let b = target(&TABLE, 2, ColumnSet::One(1), 1);
        assert_eq!(rows(&[a, b], None, 0..2), [[0, 1], [1, 2]]);
    }

    #[test]
    fn maps_without_entries_name_no_rows() {
        assert_eq!(rows(&[target(&[], 0, ColumnSet::All, 0)], None, 0..3), [const { [0; 0] }]);
    }
}

//! What the order of a loop on a device depends on, as plain data.

use crate::base::device_settings::RaceStrategy;
use crate::matrix::table::DROPPED;

/// A loop, reduced to what decides the order of its elements.
///
/// Sets, maps and sparsities have checked these rules, and ordering relies on them: there are fewer
/// than `u32::MAX` positions, without a subset the first elements; the elements of a subset
/// rise; each element that runs has `arity` entries in each table; each entry is below the target's `num_rows`
/// or [`DROPPED`], which leads nowhere.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// How many elements the loop runs over.
    pub positions: usize,
    /// The element at each position (`[positions]`); `None` if position and element are the same.
    pub subset: Option<&'a [u32]>,
    /// What the loop changes through maps; empty for a direct loop.
    pub targets: &'a [RequestTarget<'a>],
    /// How often the kernel is called for each element; 1 for most loops.
    pub points: usize,
}

/// A dat or matrix that the loop changes through maps.
#[derive(Clone, Debug)]
pub struct RequestTarget<'a> {
    /// The tables that lead to it, in the order of the arguments.
    pub reaches: Vec<ReachTable<'a>>,
    /// How many rows it has: elements of the dat's set, entries of the matrix.
    pub num_rows: usize,
    /// Bytes of one row.
    pub row_bytes: usize,
    /// Whether rows are combined with what they hold (`Inc`, `Min`, `Max`); false for `Write` and `Rw`.
    pub combines: bool,
    /// Whether the device can combine each number of a row in one piece while others look.
    pub atomic: bool,
    /// Whether the order of combining does not matter: integers, truth values, minima and maxima.
    pub exact: bool,
}

/// The entries of one argument.
#[derive(Clone, Debug)]
pub struct ReachTable<'a> {
    /// `[elements, arity]`: a map's table, or places in a matrix.
    pub table: &'a [u32],
    /// Entries of each element.
    pub arity: usize,
    /// Those that the argument uses.
    pub columns: Vec<usize>,
}

/// What a device, and whoever uses it, allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of memory that a group may use to sum increments.
    pub local_bytes: usize,
    /// Work-items of a group; 0 counts as 1.
    pub group: usize,
    /// What the user wants.
    pub wish: RaceStrategy,
}

impl Request<'_> {
    /// The element at a position.
    #[inline]
    pub(super) fn element(&self, position: usize) -> usize {
        self.subset.map_or(position, |subset| subset[position] as usize)
    }
}

impl RequestTarget<'_> {
    /// What one element may change, in rows.
    pub(super) fn num_entries(&self) -> usize {
        self.reaches.iter().map(|reach| reach.columns.len()).sum()
    }

    /// Whether all elements reach the same rows of both, entry by entry.
    pub(super) fn is_reached_as(&self, other: &Self) -> bool {
        self.reaches.len() == other.reaches.len()
            && self.reaches.iter().zip(&other.reaches).all(|(a, b)| a.is_same(b))
    }
}

impl ReachTable<'_> {
    /// The rows that an element names, as often as it names them; those that lead nowhere left out.
    #[inline]
    pub(super) fn each_row(&self, element: usize, mut visit: impl FnMut(u32)) {
        let entries = &self.table[element * self.arity..][..self.arity];
        for &column in &self.columns {
            let row = entries[column];
            if row != DROPPED {
                visit(row);
            }
        }
    }

    /// Whether both have the same table.
    pub(super) fn is_through(&self, other: &Self) -> bool {
        std::ptr::eq(self.table, other.table) && self.arity == other.arity
    }

    fn is_same(&self, other: &Self) -> bool {
        self.is_through(other) && self.columns == other.columns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_entries_reach_the_same_rows() {
        let (table, other) = ([0, 1, 1, 2], [0, 1, 1, 2]);
        let target = |table, columns: &[usize]| RequestTarget {
            reaches: vec![ReachTable { table, arity: 2, columns: columns.to_vec() }],
            num_rows: 3,
            row_bytes: 8,
            combines: true,
            atomic: true,
            exact: false,
        };
        let both = target(&table, &[0, 1]);
        assert!(both.is_reached_as(&target(&table, &[0, 1])));
        assert!(!both.is_reached_as(&target(&table, &[1, 0])));
        assert!(!both.is_reached_as(&target(&other, &[0, 1])));
    }
}

//! The pattern of a sparse matrix: which entries it can have, row by row.
//!
//! Holds the pattern itself and the questions one asks it. Building one from maps is `build`; what
//! the rows and columns are (sets of a mesh) is known to `sparsity`, values are in `mat`.
//!
//! Invariants, established by every constructor and relied on by `spmv`: offsets start at 0, never
//! decrease and end at the number of columns; the columns of a row rise, and all are below
//! `num_cols`. Rows, columns and entries are fewer than `u32::MAX`, which stands for "dropped".

use std::ops::Range;

use thiserror::Error;

use super::table::{DROPPED, Table};
use crate::base::buffer::OutOfMemory;

/// Which entries a matrix can have: for each row its columns, rising (CSR without values).
///
/// For vector spaces the pattern counts blocks: one pattern serves any block size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    num_cols: usize,
    row_offsets: Vec<u32>,
    columns: Vec<u32>,
}

/// One pair of maps: each element couples all the rows it names with all the columns it names.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// The rows that each element names.
    pub rows: Table<'a>,
    /// The columns that each element names.
    pub cols: Table<'a>,
}

/// Why there is no such pattern, or no such entry in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PatternError {
    /// More rows, columns or entries than 32-bit numbers can count.
    #[error("{count} {what} are more than 32-bit numbers can count: use more ranks")]
    TooLarge {
        /// `rows`, `columns` or `entries`.
        what: &'static str,
        /// How many.
        count: u64,
    },
    /// The two maps of a pair start at sets of different sizes.
    #[error("pair {pair}: {rows} elements name rows, {cols} name columns")]
    Elements {
        /// Which pair, from 0.
        pair: usize,
        /// Elements of the map to the rows.
        rows: usize,
        /// Elements of the map to the columns.
        cols: usize,
    },
    /// An entry in the list lies outside the matrix.
    #[error("entry {entry} is ({row}, {col}), outside a matrix of {num_rows} x {num_cols}")]
    Outside {
        /// Where it stands in the list.
        entry: usize,
        /// The row it names.
        row: u32,
        /// The column it names.
        col: u32,
        /// Rows of the matrix.
        num_rows: usize,
        /// Columns of the matrix.
        num_cols: usize,
    },
    /// The pattern has no such entry.
    #[error("row {row} has no entry in column {col}")]
    Missing {
        /// The row.
        row: u32,
        /// The column.
        col: u32,
    },
    /// Not enough memory.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
    /// Offsets and columns that are not a matrix by rows with rising columns.
    #[error(
        "row {row}: offsets must start at 0, never decrease and end at the number of entries, and the columns of a row must rise and be inside the matrix"
    )]
    Malformed {
        /// The first row that is wrong.
        row: usize,
    },
}

impl Pattern {
    /// The pattern given as offsets `[num_rows + 1]` and columns, row after row.
    ///
    /// # Errors
    /// Offsets or columns that break the invariants, too many of anything.
    pub fn from_parts(
        num_cols: usize,
        row_offsets: Vec<u32>,
        columns: Vec<u32>,
    ) -> Result<Self, PatternError> {
        check_size(row_offsets.len().saturating_sub(1), num_cols)?;
        countable("entries", columns.len())?;
        let ends = (row_offsets.first(), row_offsets.last().map(|&end| end as usize));
        if ends != (Some(&0), Some(columns.len())) {
            return Err(PatternError::Malformed { row: row_offsets.len().saturating_sub(2) });
        }
        let rises = |row: &[u32]| {
            row.is_sorted_by(|a, b| a < b) && row.last().is_none_or(|&c| (c as usize) < num_cols)
        };
        let sound =
            |pair: &[u32]| columns.get(pair[0] as usize..pair[1] as usize).is_some_and(rises);
        match row_offsets.windows(2).position(|pair| !sound(pair)) {
            Some(row) => Err(PatternError::Malformed { row }),
            None => Ok(Self { num_cols, row_offsets, columns }),
        }
    }

    /// The pattern of a list of `(row, column)`, in any order; an entry named twice counts once.
    ///
    /// # Errors
    /// An entry outside the matrix, too many of anything.
    pub fn from_list(
        num_rows: usize,
        num_cols: usize,
        entries: &[(u32, u32)],
        diagonal: bool,
    ) -> Result<Self, PatternError> {
        check_list(num_rows, num_cols, entries)?;
        let (rows, cols): (Vec<u32>, Vec<u32>) = entries.iter().copied().unzip();
        let table = |entries| Table::new(entries, 1).expect("one entry per element");
        let pair = Pair { rows: table(&rows), cols: table(&cols) };
        Self::from_pairs(num_rows, num_cols, &[pair], diagonal)
    }

    /// For constructors of this room, which keep the invariants themselves.
    pub(super) fn trusted(num_cols: usize, row_offsets: Vec<u32>, columns: Vec<u32>) -> Self {
        debug_assert_eq!(row_offsets.last().map(|&end| end as usize), Some(columns.len()));
        Self { num_cols, row_offsets, columns }
    }

    /// How many rows there are.
    pub fn num_rows(&self) -> usize {
        self.row_offsets.len() - 1
    }

    /// How many columns there are.
    pub fn num_cols(&self) -> usize {
        self.num_cols
    }

    /// How many entries there are (blocks, for vector spaces).
    pub fn num_entries(&self) -> usize {
        self.columns.len()
    }

    /// Where each row begins in [`columns`](Self::columns), and where the last one ends
    /// (`[num_rows + 1]`).
    pub fn row_offsets(&self) -> &[u32] {
        &self.row_offsets
    }

    /// The columns of all entries, row after row (`[num_entries]`).
    pub fn columns(&self) -> &[u32] {
        &self.columns
    }

    /// The columns of one row, rising.
    ///
    /// # Panics
    /// If there is no such row.
    #[inline]
    pub fn row(&self, row: u32) -> &[u32] {
        &self.columns[self.row_range(row)]
    }

    /// Where the entries of one row lie among all.
    ///
    /// # Panics
    /// If there is no such row.
    #[inline]
    pub fn row_range(&self, row: u32) -> Range<usize> {
        let row = row as usize;
        self.row_offsets[row] as usize..self.row_offsets[row + 1] as usize
    }

    /// Where the entry lies among all, if the pattern has it.
    pub fn find(&self, row: u32, col: u32) -> Option<usize> {
        if row as usize >= self.num_rows() {
            return None;
        }
        self.row(row).binary_search(&col).ok().map(|at| self.row_range(row).start + at)
    }

    /// As [`find`](Self::find), with the error for who needs the entry.
    ///
    /// # Errors
    /// The pattern has no such entry.
    pub fn position(&self, row: u32, col: u32) -> Result<usize, PatternError> {
        self.find(row, col).ok_or(PatternError::Missing { row, col })
    }

    /// The bytes that the pattern takes.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.row_offsets[..]) + size_of_val(&self.columns[..])
    }
}

/// Offsets from the number of entries of each row.
pub(super) fn offsets(
    counts: impl ExactSizeIterator<Item = u32>,
) -> Result<Vec<u32>, PatternError> {
    let mut row_offsets = Vec::with_capacity(counts.len() + 1);
    row_offsets.push(0);
    let mut total = 0_u64;
    for count in counts {
        total += u64::from(count);
        row_offsets.push(total as u32);
    }
    if total >= u64::from(DROPPED) {
        return Err(PatternError::TooLarge { what: "entries", count: total });
    }
    Ok(row_offsets)
}

/// That all entries lie inside the matrix.
pub(super) fn check_list(
    num_rows: usize,
    num_cols: usize,
    entries: &[(u32, u32)],
) -> Result<(), PatternError> {
    let outside = |&(row, col): &(u32, u32)| row as usize >= num_rows || col as usize >= num_cols;
    let Some(entry) = entries.iter().position(outside) else { return Ok(()) };
    let (row, col) = entries[entry];
    Err(PatternError::Outside { entry, row, col, num_rows, num_cols })
}

pub(super) fn check_size(num_rows: usize, num_cols: usize) -> Result<(), PatternError> {
    countable("rows", num_rows)?;
    countable("columns", num_cols)
}

pub(super) fn countable(what: &'static str, count: usize) -> Result<(), PatternError> {
    let count = count as u64;
    if count < u64::from(DROPPED) { Ok(()) } else { Err(PatternError::TooLarge { what, count }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_by_row_and_column() {
        let pattern = Pattern::from_list(3, 4, &[(2, 3), (0, 1), (2, 0), (0, 1)], false).unwrap();
        assert_eq!(pattern.row_offsets(), [0, 1, 1, 3]);
        assert_eq!(pattern.columns(), [1, 0, 3]);
        assert_eq!(pattern.find(2, 3), Some(2));
        assert_eq!(pattern.find(1, 3), None);
        assert_eq!(pattern.find(3, 0), None);
        let missing = pattern.position(0, 2).unwrap_err();
        assert_eq!(missing.to_string(), "row 0 has no entry in column 2");
    }

    #[test]
    fn a_listed_entry_outside_the_matrix_is_an_error() {
        let error = Pattern::from_list(2, 2, &[(0, 0), (1, 2)], true).unwrap_err();
        assert_eq!(error.to_string(), "entry 1 is (1, 2), outside a matrix of 2 x 2");
    }

    #[test]
    fn parts_that_break_the_rules_are_refused() {
        let pattern = |offsets: &[u32], columns: &[u32]| {
            Pattern::from_parts(3, offsets.to_vec(), columns.to_vec())
        };
        assert_eq!(pattern(&[0, 2, 3], &[0, 2, 1]).unwrap().num_rows(), 2);
        let malformed = |row| Err(PatternError::Malformed { row });
        assert_eq!(pattern(&[0, 2], &[2, 0]), malformed(0));
        assert_eq!(pattern(&[0, 2], &[1, 1]), malformed(0));
        assert_eq!(pattern(&[0, 1, 2], &[1, 3]), malformed(1));
        assert_eq!(pattern(&[0, 2, 1, 2], &[0, 1]), malformed(1));
        assert_eq!(pattern(&[1, 2], &[0, 1]), malformed(0));
        assert_eq!(pattern(&[0, 1], &[0, 1]), malformed(0));
        assert_eq!(pattern(&[], &[]), malformed(0));
    }

    #[test]
    fn more_entries_than_numbers_are_an_error() {
        assert_eq!(offsets([2, 0, 3].into_iter()), Ok(vec![0, 2, 2, 5]));
        let count = u64::from(u32::MAX) + 5;
        let error = offsets([u32::MAX, 5].into_iter()).unwrap_err();
        assert_eq!(error, PatternError::TooLarge { what: "entries", count });
        assert!(offsets([u32::MAX].into_iter()).is_err());
    }
}

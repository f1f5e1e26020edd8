//! Where each element's contributions go in a matrix: computed once, so that assembly is a walk.
//!
//! For each element and each pair of a row and a column it names, the place of that entry among the
//! values. Choosing this form over searching while assembling, and over offsets within the row, is
//! decision 0007.

use super::parts;
use super::pattern::{Pattern, PatternError};
use super::table::{DROPPED, Table};
use super::words::Words;
use crate::mesh::mirror::Kept;

/// Elements that one thread works on at a time.
const ELEMENTS_PER_PART: usize = 4096;

/// Rows up to this length are counted through; beyond it, halving the row is quicker.
const LONG_ROW: usize = 64;

/// The places of all contributions, `[elements, row arity, column arity]`; [`DROPPED`] where the
/// row or the column is masked.
#[derive(Debug, PartialEq, Eq)]
pub struct Positions {
    places: Words,
    row_arity: usize,
    col_arity: usize,
    /// What a device keeps of the places.
    pub kept: Kept,
}

impl Positions {
    /// Finds all places. Threads of the caller's pool help.
    ///
    /// # Errors
    /// The tables have different numbers of elements, or the pattern lacks an entry: it was not
    /// made from this pair.
    pub fn new(
        pattern: &Pattern,
        rows: &Table<'_>,
        cols: &Table<'_>,
    ) -> Result<Self, PatternError> {
        Self::with_halo(pattern, 0, rows, cols)
    }

    /// As [`new`](Self::new), where tables also name rows that follow those of the pattern, `halo_rows`
    /// of them: other ranks have those. Contributions to each go to a place of their own behind all
    /// entries, which nobody looks at.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_halo(
        pattern: &Pattern,
        halo_rows: usize,
        rows: &Table<'_>,
        cols: &Table<'_>,
    ) -> Result<Self, PatternError> {
        let into = &Into { pattern, halo_rows };
        let (num_elements, other) = (rows.num_elements(), cols.num_elements());
        if num_elements != other {
            return Err(PatternError::Elements { pair: 0, rows: num_elements, cols: other });
        }
        let (row_arity, col_arity) = (rows.arity(), cols.arity());
        let tensor = row_arity * col_arity;
        let mut places = Words::zeroed(num_elements * tensor)?;
        let chunks: Vec<_> = places.chunks_mut(ELEMENTS_PER_PART * tensor).enumerate().collect();
        let found = std::sync::Mutex::new(None::<(usize, PatternError)>);
        parts::each(chunks, |(chunk, places)| {
            if let Err(error) = fill(into, rows, cols, chunk * ELEMENTS_PER_PART, places) {
                let mut first = found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                if first.is_none_or(|(before, _)| chunk < before) {
                    *first = Some((chunk, error));
                }
            }
        });
        match found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
            Some((_, error)) => Err(error),
            None => Ok(Self { places, row_arity, col_arity, kept: Kept::default() }),
        }
    }

    /// All places, `[elements, row arity, column arity]`.
    pub fn places(&self) -> &[u32] {
        &self.places
    }

    /// The places of one element, `[row arity, column arity]`.
    ///
    /// # Panics
    /// If there is no such element.
    #[inline]
    pub fn element(&self, element: usize) -> &[u32] {
        let tensor = self.row_arity * self.col_arity;
        &self.places[element * tensor..][..tensor]
    }

    /// How many elements there are.
    pub fn num_elements(&self) -> usize {
        self.places.len().checked_div(self.row_arity * self.col_arity).unwrap_or(0)
    }

    /// Rows that each element names.
    pub fn row_arity(&self) -> usize {
        self.row_arity
    }

    /// Columns that each element names.
    pub fn col_arity(&self) -> usize {
        self.col_arity
    }

    /// The bytes that the places take.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.places[..])
    }
}

/// Where contributions go.
struct Into<'a> {
    pattern: &'a Pattern,
    halo_rows: usize,
}

impl Into<'_> {
    /// Where contributions to a row go that the pattern does not have.
    fn beside(&self, row: u32) -> u32 {
        let behind = row as usize - self.pattern.num_rows();
        let spare = self.pattern.num_entries() + behind;
        if behind < self.halo_rows { spare as u32 } else { DROPPED }
    }
}

/// The usual arities as constants, so that the columns of an element are searched for together.
fn fill(
    pattern: &Into<'_>,
    rows: &Table<'_>,
    cols: &Table<'_>,
    first: usize,
    places: &mut [u32],
) -> Result<(), PatternError> {
    match cols.arity() {
        1 => fill_arrays::<1>(pattern, rows, cols, first, places),
        2 => fill_arrays::<2>(pattern, rows, cols, first, places),
        3 => fill_arrays::<3>(pattern, rows, cols, first, places),
        4 => fill_arrays::<4>(pattern, rows, cols, first, places),
        6 => fill_arrays::<6>(pattern, rows, cols, first, places),
        8 => fill_arrays::<8>(pattern, rows, cols, first, places),
        10 => fill_arrays::<10>(pattern, rows, cols, first, places),
        arity => {
            let tensors = places.chunks_exact_mut(rows.arity() * arity);
            for (element, tensor) in (first..).zip(tensors) {
                let cols = cols.element(element);
                for (&row, places) in rows.element(element).iter().zip(tensor.chunks_mut(arity)) {
                    for (place, &col) in places.iter_mut().zip(cols) {
                        *place = search(pattern, row, col)?;
                    }
                }
            }
            Ok(())
        }
    }
}

fn fill_arrays<const COLS: usize>(
    pattern: &Into<'_>,
    rows: &Table<'_>,
    cols: &Table<'_>,
    first: usize,
    places: &mut [u32],
) -> Result<(), PatternError> {
    let (cols, _) = cols.entries().as_chunks::<COLS>();
    let (places, _) = places.as_chunks_mut::<COLS>();
    let rows_of = rows.entries()[first * rows.arity()..].chunks_exact(rows.arity());
    let tensors = places.chunks_exact_mut(rows.arity());
    for ((rows, cols), tensor) in rows_of.zip(&cols[first..]).zip(tensors) {
        for (&row, places) in rows.iter().zip(tensor) {
            *places = search_together(pattern, row, cols)?;
        }
    }
    Ok(())
}

/// The places of several columns in one row, found in one pass over it.
#[inline(always)]
fn search_together<const COLS: usize>(
    into: &Into<'_>,
    row: u32,
    cols: &[u32; COLS],
) -> Result<[u32; COLS], PatternError> {
    let pattern = into.pattern;
    let mut places = [DROPPED; COLS];
    if row as usize >= pattern.num_rows() {
        return Ok([into.beside(row); COLS]);
    }
    let range = pattern.row_range(row);
    if range.len() > LONG_ROW {
        for (place, &col) in places.iter_mut().zip(cols) {
            *place = search(into, row, col)?;
        }
        return Ok(places);
    }
    let present = &pattern.columns()[range.clone()];
    let mut smaller = [0_u32; COLS];
    for &other in present {
        for k in 0..COLS {
            smaller[k] += u32::from(other < cols[k]);
        }
    }
    let mut all_found = true;
    for k in 0..COLS {
        all_found &= present.get(smaller[k] as usize) == Some(&cols[k]);
        places[k] = range.start as u32 + smaller[k];
    }
    if !all_found {
        for (place, &col) in places.iter_mut().zip(cols) {
            *place = search(into, row, col)?;
        }
    }
    Ok(places)
}

fn search(into: &Into<'_>, row: u32, col: u32) -> Result<u32, PatternError> {
    let pattern = into.pattern;
    if row as usize >= pattern.num_rows() {
        return Ok(into.beside(row));
    }
    if col as usize >= pattern.num_cols() {
        return Ok(DROPPED);
    }
    Ok(pattern.position(row, col)? as u32)
}

#[cfg(test)]
mod tests {
    use super::super::pattern::Pair;
    use super::*;

    #[test]
    fn contributions_find_their_entries() {
        let cells = [[0, 2], [1, 2]];
        let table = Table::of_rows(&cells);
        let pair = Pair { rows: table, cols: table };
        let pattern = Pattern::from_pairs(3, 3, &[pair], true).unwrap();
        let positions = Positions::new(&pattern, &table, &table).unwrap();
        // Entries: (0,0) (0,2), (1,1) (1,2), (2,0) (2,1) (2,2).
        assert_eq!(positions.places(), [0, 1, 4, 6, 2, 3, 5, 6]);
        assert_eq!(positions.element(1), [2, 3, 5, 6]);
    }

    #[test]
    fn masked_rows_and_columns_are_dropped() {
        let pattern = Pattern::from_list(2, 2, &[(0, 0), (1, 1), (1, 0)], false).unwrap();
        let (rows, cols) = ([[1, DROPPED]], [[0, DROPPED]]);
        let positions =
            Positions::new(&pattern, &Table::of_rows(&rows), &Table::of_rows(&cols)).unwrap();
        assert_eq!(positions.places(), [1, DROPPED, DROPPED, DROPPED]);
    }

    #[test]
    fn rows_of_others_have_places_of_their_own() {
        let pattern = Pattern::from_list(2, 4, &[(0, 0), (1, 3)], false).unwrap();
        let (rows, cols) = ([[0, 2], [3, 1], [4, DROPPED]], [[0, 1], [3, 2], [0, 1]]);
        let rows = Table::of_rows(&rows);
        let error = Positions::with_halo(&pattern, 2, &rows, &Table::of_rows(&cols)).unwrap_err();
        assert_eq!(error, PatternError::Missing { row: 0, col: 1 });
        let cols = [[0], [3], [3]];
        let found = Positions::with_halo(&pattern, 2, &rows, &Table::of_rows(&cols)).unwrap();
        assert_eq!(found.places(), [0, 2, 3, 1, DROPPED, DROPPED]);
    }

    #[test]
    fn a_contribution_outside_the_pattern_is_named() {
        let pattern = Pattern::from_list(2, 2, &[(0, 0), (1, 1)], false).unwrap();
        for cells in [&[[0, 0], [1, 0]][..], &[[1, 0]]] {
            let table = Table::of_rows(cells);
            let error = Positions::new(&pattern, &table, &table).unwrap_err();
            assert_eq!(error, PatternError::Missing { row: 1, col: 0 });
        }
    }

    #[test]
    fn long_rows_are_searched_too() {
        let row: Vec<(u32, u32)> = (0..200).map(|col| (0, 3 * col)).collect();
        let pattern = Pattern::from_list(1, 600, &row, false).unwrap();
        let (rows, cols) = ([[0]], [[0, 3, 300, 597, 6]]);
        let rows = Table::of_rows(&rows);
        let positions = Positions::new(&pattern, &rows, &Table::of_rows(&cols)).unwrap();
        assert_eq!(positions.places(), [0, 1, 100, 199, 2]);
        let missing = [[0, 1]];
        assert!(Positions::new(&pattern, &rows, &Table::of_rows(&missing)).is_err());
    }
}

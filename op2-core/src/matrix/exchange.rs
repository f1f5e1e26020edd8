//! Matrices for others: `sprs` views and copies, other numberings, and the way back in.

use sprs::{CompressedStorage, CsMatI, CsMatViewI, SpIndex};

use super::entry::{Entry, Scalar};
use super::pattern::{Pattern, PatternError};

/// The matrix as `sprs` sees it, by rows, without copying. Blocks stay blocks.
///
/// # Panics
/// If there is not one value for each entry.
pub fn view<'m, T>(pattern: &'m Pattern, values: &'m [T]) -> CsMatViewI<'m, T, u32> {
    assert_eq!(values.len(), pattern.num_entries(), "one value for each entry");
    let shape = (pattern.num_rows(), pattern.num_cols());
    // SAFETY: what `sprs` would check is what every `Pattern` promises: offsets from 0, never
    // decreasing, up to the number of entries; columns rising within rows and inside the matrix.
    unsafe {
        CsMatViewI::new_unchecked(
            CompressedStorage::CSR,
            shape,
            pattern.row_offsets(),
            pattern.columns(),
            values,
        )
    }
}

/// A copy in single numbers: component `i` of row `r` becomes row `r * ROWS + i`, and columns alike.
///
/// # Errors
/// More numbers than 32 bits can count.
pub fn to_numbers<T: Entry>(
    pattern: &Pattern,
    values: &[T],
) -> Result<CsMatI<T::Scalar, u32>, PatternError> {
    let shape = (pattern.num_rows() * T::ROWS, pattern.num_cols() * T::COLS);
    super::pattern::check_size(shape.0, shape.1)?;
    let counts: Vec<u32> = (0..pattern.num_rows() as u32)
        .flat_map(|row| std::iter::repeat_n(pattern.row(row).len() as u32, T::ROWS))
        .collect();
    let count = pattern.num_entries() as u64 * (T::ROWS * T::COLS) as u64;
    if count >= u64::from(u32::MAX) {
        return Err(PatternError::TooLarge { what: "entries", count });
    }
    let offsets = super::pattern::offsets(counts.iter().map(|&count| count * T::COLS as u32))?;
    let mut columns = Vec::with_capacity(count as usize);
    let mut numbers = Vec::with_capacity(count as usize);
    for row in 0..pattern.num_rows() as u32 {
        for i in 0..T::ROWS {
            for (value, &col) in values[pattern.row_range(row)].iter().zip(pattern.row(row)) {
                for j in 0..T::COLS {
                    columns.push(col * T::COLS as u32 + j as u32);
                    numbers.push(value.at(i, j));
                }
            }
        }
    }
    // SAFETY: the offsets count what was pushed; columns of blocks rise because blocks do.
    Ok(unsafe { CsMatI::new_unchecked(CompressedStorage::CSR, shape, offsets, columns, numbers) })
}

/// The values of a matrix of `sprs` (blocks for blocks), in the order of `pattern`; zero where
/// `source` has no entry. Rows or columns of `source` may come first; the result is by rows.
///
/// # Errors
/// Another shape, or an entry that the pattern lacks.
pub fn load<T: Entry, I: SpIndex, Iptr: SpIndex>(
    pattern: &Pattern,
    source: &CsMatViewI<'_, T, I, Iptr>,
) -> Result<Vec<T>, LoadError> {
    let shape = (pattern.num_rows(), pattern.num_cols());
    if source.shape() != shape {
        return Err(LoadError::Shape { found: source.shape(), expected: shape });
    }
    let mut values = vec![T::zeroed(); pattern.num_entries()];
    for (value, (row, col)) in source {
        let (row, col) = (row.index() as u32, col.index() as u32);
        values[pattern.position(row, col)?] = *value;
    }
    Ok(values)
}

/// Why a matrix from elsewhere does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// It has another number of rows or columns.
    #[error("a matrix of {} x {} was given, but {} x {} is needed", found.0, found.1, expected.0, expected.1)]
    Shape {
        /// Rows and columns given.
        found: (usize, usize),
        /// Rows and columns needed.
        expected: (usize, usize),
    },
    /// It has an entry that the pattern lacks.
    #[error(transparent)]
    Entry(#[from] PatternError),
}

/// The matrix in other numberings: row `r` of the result is row `rows[r]`, and column `c` of this
/// matrix is column `cols[c]` of the result.
///
/// # Panics
/// If an index is outside the matrix.
pub fn renumbered<T: Entry>(
    pattern: &Pattern,
    values: &[T],
    rows: impl ExactSizeIterator<Item = u32>,
    cols: impl Fn(u32) -> u32,
) -> (Pattern, Vec<T>) {
    let mut offsets = Vec::with_capacity(rows.len() + 1);
    offsets.push(0);
    let mut columns = Vec::with_capacity(pattern.num_entries());
    let mut moved = Vec::with_capacity(pattern.num_entries());
    let mut entries: Vec<(u32, T)> = Vec::new();
    for row in rows {
        let values = &values[pattern.row_range(row)];
        entries.clear();
        entries.extend(pattern.row(row).iter().map(|&col| cols(col)).zip(values.iter().copied()));
        entries.sort_unstable_by_key(|entry| entry.0);
        columns.extend(entries.iter().map(|entry| entry.0));
        moved.extend(entries.iter().map(|entry| entry.1));
        offsets.push(columns.len() as u32);
    }
    let pattern = Pattern::from_parts(pattern.num_cols(), offsets, columns)
        .expect("a renumbering keeps the entries apart and inside");
    (pattern, moved)
}

/// The sum over all components, as a plain check of a matrix.
pub fn sum<T: Entry>(values: &[T]) -> T::Scalar {
    let numbers: &[T::Scalar] = super::entry::numbers(values);
    numbers.iter().fold(T::Scalar::ZERO, |sum, &number| sum + number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> (Pattern, Vec<f64>) {
        let pattern = Pattern::from_list(2, 3, &[(0, 0), (0, 2), (1, 1)], false).unwrap();
        (pattern, vec![1.0, 2.0, 3.0])
    }

    #[test]
    fn the_view_passes_the_checks_of_its_library() {
        let (pattern, values) = small();
        let view = view(&pattern, &values);
        view.check_compressed_structure().unwrap();
        assert_eq!((view.shape(), view.nnz()), ((2, 3), 3));
        assert_eq!((view.get(0, 2), view.get(1, 2)), (Some(&2.0), None));
        assert!(std::ptr::eq(view.data(), &raw const *values));
    }

    #[test]
    fn blocks_become_numbers_in_their_places() {
        let pattern = Pattern::from_list(2, 2, &[(0, 1), (1, 0), (1, 1)], false).unwrap();
        let block = |v: f64| [[v, v + 1.0], [v + 2.0, v + 3.0]];
        let numbers = to_numbers(&pattern, &[block(0.0), block(10.0), block(20.0)]).unwrap();
        numbers.check_compressed_structure().unwrap();
        assert_eq!(numbers.shape(), (4, 4));
        assert_eq!(numbers.get(1, 3), Some(&3.0));
        assert_eq!(numbers.get(2, 1), Some(&11.0));
        assert_eq!(numbers.get(3, 2), Some(&22.0));
        assert_eq!(numbers.get(0, 0), None);
    }

    #[test]
    fn a_matrix_comes_back_if_its_entries_fit() {
        let (pattern, values) = small();
        let by_rows = view(&pattern, &values);
        assert_eq!(load(&pattern, &by_rows).unwrap(), values);
        assert_eq!(load(&pattern, &by_rows.to_csc().view()).unwrap(), values);
        let other = Pattern::from_list(2, 3, &[(0, 0), (1, 2)], false).unwrap();
        let error = load(&other, &by_rows).unwrap_err();
        assert_eq!(error.to_string(), "row 0 has no entry in column 2");
        let error = load(&pattern, &by_rows.transpose_view().to_csr().view()).unwrap_err();
        assert_eq!(error.to_string(), "a matrix of 3 x 2 was given, but 2 x 3 is needed");
    }

    #[test]
    fn rows_and_columns_can_be_renumbered() {
        let (pattern, values) = small();
        let (pattern, values) = renumbered(&pattern, &values, [1, 0].into_iter(), |col| 2 - col);
        assert_eq!(pattern.row_offsets(), [0, 1, 3]);
        assert_eq!(pattern.columns(), [1, 0, 2]);
        assert_eq!(values, [3.0, 2.0, 1.0]);
        assert_eq!(sum(&values), 6.0);
    }
}

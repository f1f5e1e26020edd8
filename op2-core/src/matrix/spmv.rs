//! Products of a matrix with a vector: `y = A x` and `y = A^T x`.
//!
//! Every row is summed in the order of its columns, or another that is given, by one thread, so that results
//! are bitwise the same for any number of threads. Threads of the caller's pool help.

use std::ops::Range;

use bytemuck::Zeroable;

use super::entry::Entry;
use super::parts::{self, ROWS_PER_PART};
use super::pattern::Pattern;
use super::transpose::Transposed;
use crate::base::comm::Progress;
use crate::base::element::Element;

/// What vectors are multiplied with.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a, T> {
    /// Where its entries are.
    pub pattern: &'a Pattern,
    /// Their values (`[num_entries]`).
    pub values: &'a [T],
    /// The entries of each row in the sequence in which they are summed (`[num_entries]`); without it, by
    /// rising columns.
    pub sequence: Option<&'a [u32]>,
}

impl<'a, T> Matrix<'a, T> {
    /// A matrix whose rows are summed by rising columns.
    pub fn new(pattern: &'a Pattern, values: &'a [T]) -> Self {
        Self { pattern, values, sequence: None }
    }
}

/// `y = A x`, or `y += A x`, where each row is summed first and then added. `x` is `[num_cols]`, `y` is
/// `[num_rows]`.
///
/// # Panics
/// If a length is wrong.
pub fn multiply<T: Entry, const ADD: bool>(matrix: Matrix<'_, T>, x: &[T::X], y: &mut [T::Y]) {
    multiply_runs::<T, ADD>(matrix, std::slice::from_ref(&(0..y.len())), (x, y), None);
}

/// As [`multiply`], of some rows: `runs` of them, rising. Calls `progress` after every few thousand rows.
///
/// # Panics
/// If a length is wrong, or a run is outside the matrix.
pub fn multiply_runs<T: Entry, const ADD: bool>(
    matrix: Matrix<'_, T>,
    runs: &[Range<usize>],
    (x, y): (&[T::X], &mut [T::Y]),
    progress: Progress<'_>,
) {
    check_lengths(matrix.pattern, matrix.values.len(), (x.len(), y.len()));
    let (mut parts, mut rest, mut first) = (Vec::new(), y, 0);
    for run in runs {
        let (_, behind) = std::mem::take(&mut rest).split_at_mut(run.start - first);
        let (rows, behind) = behind.split_at_mut(run.len());
        (rest, first) = (behind, run.end);
        let starts = (run.start..).step_by(ROWS_PER_PART);
        parts.extend(starts.zip(rows.chunks_mut(ROWS_PER_PART)));
    }
    parts::each(parts, |(first, y)| {
        match matrix.sequence {
            None => multiply_rows::<T, ADD>(matrix.pattern, matrix.values, x, first, y),
            Some(sequence) => multiply_in_sequence::<T, ADD>(matrix, sequence, x, first, y),
        }
        if let Some(progress) = progress {
            progress();
        }
    });
}

/// Rows from `first` on, as many as `y` is long, in the sequence that is given.
fn multiply_in_sequence<T: Entry, const ADD: bool>(
    matrix: Matrix<'_, T>,
    sequence: &[u32],
    x: &[T::X],
    first: usize,
    y: &mut [T::Y],
) {
    let columns = matrix.pattern.columns();
    for (row, y) in (first as u32..).zip(y) {
        let mut sum = T::Y::zeroed();
        for &entry in &sequence[matrix.pattern.row_range(row)] {
            let col = columns[entry as usize];
            sum.accumulate(&matrix.values[entry as usize].times(&x[col as usize]));
        }
        if ADD {
            y.accumulate(&sum);
        } else {
            *y = sum;
        }
    }
}

/// Rows from `first` on, as many as `y` is long, by rising columns.
fn multiply_rows<T: Entry, const ADD: bool>(
    pattern: &Pattern,
    values: &[T],
    x: &[T::X],
    first: usize,
    y: &mut [T::Y],
) {
    let offsets = &pattern.row_offsets()[first..=first + y.len()];
    let mut start = offsets[0] as usize;
    for (y, &end) in y.iter_mut().zip(&offsets[1..]) {
        let end = end as usize;
        // SAFETY: offsets never decrease and end at the number of entries (invariant of `Pattern`),
        // which is the length of `values` (checked by `multiply_runs`).
        let (cols, values) = unsafe {
            (pattern.columns().get_unchecked(start..end), values.get_unchecked(start..end))
        };
        load_ahead(values, VALUES_AHEAD);
        load_ahead(cols, COLUMNS_AHEAD);
        let mut sum = T::Y::zeroed();
        for (value, &col) in values.iter().zip(cols) {
            // SAFETY: columns are below `num_cols` (invariant of `Pattern`), which is the length of
            // `x` (checked by `multiply_runs`).
            let x = unsafe { x.get_unchecked(col as usize) };
            sum.accumulate(&value.times(x));
        }
        if ADD {
            y.accumulate(&sum);
        } else {
            *y = sum;
        }
        start = end;
    }
}

/// How many bytes ahead of its use memory is asked for.
const VALUES_AHEAD: usize = 4096;
const COLUMNS_AHEAD: usize = 2048;

/// Asks for the memory that lies `bytes` behind a row: that of rows to come. Rows are too much work
/// for the processor to look far enough ahead by itself; asking doubles the speed (decision 0007).
#[inline(always)]
fn load_ahead<T>(row: &[T], bytes: usize) {
    #[cfg(target_arch = "x86_64")]
    for line in (0..size_of_val(row)).step_by(64) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let ahead = row.as_ptr().wrapping_byte_add(bytes + line);
        // SAFETY: asking for an address reads nothing that a program could see, and is ignored where
        // there is no memory.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(ahead.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (row, bytes);
}

/// `y = A^T x`. `x` is `[num_rows]`, `y` is `[num_cols]` and overwritten.
///
/// With threads this needs the transposed pattern, which `transposed` is asked for. Alone, each row
/// is added to `y` at once, which adds the same numbers in the same order; so are they where rows are to be
/// added in a sequence of their own (`rows`, each once).
///
/// # Panics
/// If a length is wrong, or there is no such row.
pub fn multiply_transposed<'t, T: Entry>(
    pattern: &Pattern,
    values: &[T],
    transposed: impl FnOnce() -> &'t Transposed,
    rows: Option<&[u32]>,
    x: &[T::Y],
    y: &mut [T::X],
) {
    check_lengths(pattern, values.len(), (y.len(), x.len()));
    if let Some(rows) = rows {
        assert_eq!(rows.len(), x.len(), "each row once");
        return scatter(pattern, values, rows.iter().copied(), x, y);
    }
    if !parts::in_parallel() {
        return scatter(pattern, values, 0..x.len() as u32, x, y);
    }
    let transposed = transposed();
    assert_eq!(transposed.from().len(), values.len(), "the transposed pattern of this matrix");
    assert_eq!(transposed.pattern().num_rows(), y.len(), "the transposed pattern of this matrix");
    let parts = y.chunks_mut(ROWS_PER_PART).enumerate().collect();
    parts::each(parts, |(part, y): (usize, &mut [T::X])| {
        gather(transposed, values, x, part * ROWS_PER_PART, y);
    });
}

fn scatter<T: Entry>(
    pattern: &Pattern,
    values: &[T],
    rows: impl Iterator<Item = u32>,
    x: &[T::Y],
    y: &mut [T::X],
) {
    y.fill(T::X::zeroed());
    for row in rows {
        let x = &x[row as usize];
        let (values, cols) = (&values[pattern.row_range(row)], pattern.row(row));
        load_ahead(values, VALUES_AHEAD);
        load_ahead(cols, COLUMNS_AHEAD);
        for (value, &col) in values.iter().zip(cols) {
            y[col as usize].accumulate(&value.transposed().times(x));
        }
    }
}

fn gather<T: Entry>(
    transposed: &Transposed,
    values: &[T],
    x: &[T::Y],
    first: usize,
    y: &mut [T::X],
) {
    let pattern = transposed.pattern();
    for (col, y) in (first as u32..).zip(y) {
        let mut sum = T::X::zeroed();
        let (from, rows) = (&transposed.from()[pattern.row_range(col)], pattern.row(col));
        load_ahead(from, COLUMNS_AHEAD);
        load_ahead(rows, COLUMNS_AHEAD);
        for (&from, &row) in from.iter().zip(rows) {
            sum.accumulate(&values[from as usize].transposed().times(&x[row as usize]));
        }
        *y = sum;
    }
}

fn check_lengths(pattern: &Pattern, num_values: usize, (cols, rows): (usize, usize)) {
    assert_eq!(num_values, pattern.num_entries(), "one value for each entry");
    assert_eq!(cols, pattern.num_cols(), "one part of the vector for each column");
    assert_eq!(rows, pattern.num_rows(), "one part of the vector for each row");
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn small() -> (Pattern, Vec<f64>) {
        let pattern = Pattern::from_list(2, 3, &[(0, 0), (0, 2), (1, 1)], false).unwrap();
        (pattern, vec![1.0, 2.0, 3.0])
    }

    #[test]
    fn products_are_those_of_the_dense_matrix() {
        let (pattern, values) = small();
        let mut y = [f64::NAN; 2];
        let matrix = Matrix::new(&pattern, &values);
        multiply::<_, false>(matrix, &[1.0, 10.0, 100.0], &mut y);
        assert_eq!(y, [201.0, 30.0]);
        multiply::<_, true>(matrix, &[1.0, 0.0, 0.0], &mut y);
        assert_eq!(y, [202.0, 30.0]);
        let transposed = Transposed::new(&pattern);
        let mut z = [f64::NAN; 3];
        multiply_transposed(&pattern, &values, || &transposed, None, &[1.0, 10.0], &mut z);
        assert_eq!(z, [1.0, 30.0, 2.0]);
    }

    #[test]
    fn runs_of_rows_leave_the_others_alone() {
        let entries: Vec<_> = (0..9).map(|row| (row, (row * 5) % 9)).collect();
        let pattern = Pattern::from_list(9, 9, &entries, true).unwrap();
        let values: Vec<f64> = (0..pattern.num_entries()).map(|i| i as f64).collect();
        let x: Vec<f64> = (0..9).map(|i| 1.0 + f64::from(i)).collect();
        let (mut whole, mut some) = (vec![0.0; 9], vec![-1.0; 9]);
        let matrix = Matrix::new(&pattern, &values);
        multiply::<_, false>(matrix, &x, &mut whole);
        let calls = AtomicU32::new(0);
        let count = || {
            calls.fetch_add(1, Ordering::Relaxed);
        };
        multiply_runs::<_, false>(matrix, &[0..2, 5..6, 6..9], (&x, &mut some), Some(&count));
        assert_eq!(calls.into_inner(), 3, "progress after each part");
        (2..5).for_each(|row| whole[row] = -1.0);
        assert_eq!(some, whole);
    }

    /// More rows than one part, whose sums depend on the order of adding.
    #[test]
    fn threads_change_no_bit() {
        let num_rows = 3 * ROWS_PER_PART as u32 + 5;
        let near = |row: u32| [row * 7 % num_rows, row, row * 31 % num_rows].map(|col| (row, col));
        let entries: Vec<_> = (0..num_rows).flat_map(near).collect();
        let size = num_rows as usize;
        let pattern = Pattern::from_list(size, size, &entries, true).unwrap();
        let values: Vec<f64> = (0..pattern.num_entries()).map(|i| (i as f64).sin()).collect();
        let x: Vec<f64> = (0..size).map(|i| (i as f64).cos()).collect();
        let transposed = Transposed::new(&pattern);
        let multiply = || {
            let (mut y, mut z) = (vec![0.0; size], vec![0.0; size]);
            super::multiply::<_, false>(Matrix::new(&pattern, &values), &x, &mut y);
            multiply_transposed(&pattern, &values, || &transposed, None, &x, &mut z);
            (y, z)
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        assert_eq!(multiply(), pool.install(multiply));
    }

    #[test]
    #[should_panic(expected = "one part of the vector for each column")]
    fn a_vector_of_another_length_is_refused() {
        let (pattern, values) = small();
        multiply::<_, false>(Matrix::new(&pattern, &values), &[0.0; 2], &mut [0.0; 2]);
    }
}

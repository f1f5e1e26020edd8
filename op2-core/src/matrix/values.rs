//! What can be done to a matrix given as pattern and values, without knowing the mesh.
//!
//! Values are `[num_entries]`, in the order of the pattern. Sums are cut by size, not by threads, so
//! that results are bitwise the same for any number of them. Products with vectors are in `spmv`.

use std::ops::Range;

use super::entry::{Entry, Scalar, numbers, numbers_mut};
use super::parts::{self, ROWS_PER_PART};
use super::pattern::{Pattern, PatternError};

/// Numbers that one thread works on at a time.
const NUMBERS_PER_PART: usize = 1 << 15;

/// Every value times `factor`.
pub fn scale<T: Entry>(values: &mut [T], factor: T::Scalar) {
    let numbers: &mut [T::Scalar] = numbers_mut(values);
    parts::each(numbers.chunks_mut(NUMBERS_PER_PART).collect(), |part| {
        part.iter_mut().for_each(|value| *value *= factor);
    });
}

/// `to += factor * from`, both in the order of one pattern.
///
/// # Panics
/// If the lengths differ.
pub fn axpy<T: Entry>(factor: T::Scalar, from: &[T], to: &mut [T]) {
    assert_eq!(from.len(), to.len(), "values of one pattern");
    let to = numbers_mut::<T::Scalar, T>(to).chunks_mut(NUMBERS_PER_PART);
    let from = numbers::<T::Scalar, T>(from).chunks(NUMBERS_PER_PART);
    parts::each(to.zip(from).collect(), |(to, from)| {
        to.iter_mut().zip(from).for_each(|(to, &from)| *to += factor * from);
    });
}

/// Which components of a row are meant: all, or one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    /// All.
    All,
    /// This one, counted from 0.
    One(usize),
}

impl Component {
    fn includes(self, component: usize) -> bool {
        self == Self::All || self == Self::One(component)
    }
}

/// The rows become zero in the components meant, with `diag` on their diagonal.
///
/// # Errors
/// The pattern lacks a diagonal entry that should become `diag`; nothing is changed then.
///
/// # Panics
/// If there is no such row.
pub fn zero_rows<T: Entry>(
    pattern: &Pattern,
    values: &mut [T],
    rows: &[u32],
    component: Component,
    diag: T::Scalar,
) -> Result<(), PatternError> {
    if diag != T::Scalar::ZERO {
        rows.iter().try_for_each(|&row| pattern.position(row, row).map(drop))?;
    }
    for &row in rows {
        let range = pattern.row_range(row);
        for (value, &col) in values[range].iter_mut().zip(pattern.row(row)) {
            fix_entry(value, component, if col == row { diag } else { T::Scalar::ZERO });
        }
    }
    Ok(())
}

/// The rows of a block that are meant become zero, with `diag` on the diagonal.
fn fix_entry<T: Entry>(value: &mut T, component: Component, diag: T::Scalar) {
    if component == Component::All {
        *value = T::diagonal(diag);
        return;
    }
    let numbers: &mut [T::Scalar] = numbers_mut(std::slice::from_mut(value));
    for (r, row) in numbers.chunks_exact_mut(T::COLS).enumerate() {
        if component.includes(r) {
            row.fill(T::Scalar::ZERO);
            row.iter_mut().skip(r).take(1).for_each(|number| *number = diag);
        }
    }
}

/// The diagonal, `[num_rows]`; zero where the pattern has no entry.
pub fn diagonal<T: Entry>(pattern: &Pattern, values: &[T]) -> Vec<T> {
    let at = |row| pattern.find(row, row).map_or(T::zeroed(), |place| values[place]);
    (0..pattern.num_rows() as u32).map(at).collect()
}

/// Replaces the diagonal, given for every row (`[num_rows]`).
///
/// # Errors
/// The pattern lacks a diagonal entry; nothing is changed then.
///
/// # Panics
/// If the diagonal has another length.
pub fn set_diagonal<T: Entry>(
    pattern: &Pattern,
    values: &mut [T],
    diagonal: &[T],
) -> Result<(), PatternError> {
    assert_eq!(diagonal.len(), pattern.num_rows(), "one value for each row");
    let place = |row| pattern.position(row, row);
    let places: Vec<usize> = (0..pattern.num_rows() as u32).map(place).collect::<Result<_, _>>()?;
    places.into_iter().zip(diagonal).for_each(|(place, value)| values[place] = *value);
    Ok(())
}

/// Prescribes `x[row] = given[row]` for `rows` in `A x = rhs`, keeping a symmetric matrix symmetric:
/// what the known values contribute to other rows moves to the right-hand side, the rows and
/// columns become zero with `diag` on the diagonal, and `rhs[row] = diag * given[row]`.
///
/// `given` is `[num_cols]`, `rhs` is `[num_rows]`; of `given` only `rows` are read. Rows beyond those of the
/// matrix are columns only.
///
/// # Errors
/// The pattern lacks the diagonal entry of one of the rows; nothing is changed then.
///
/// # Panics
/// If the matrix has fewer columns than rows or a vector has another length.
pub fn eliminate<T: Entry<X = V, Y = V>, V: bytemuck::Pod + crate::base::element::Element>(
    pattern: &Pattern,
    values: &mut [T],
    (rows, component): (&[u32], Component),
    given: &[V],
    rhs: &mut [V],
    diag: T::Scalar,
) -> Result<(), PatternError> {
    let size = pattern.num_rows();
    assert!(
        pattern.num_cols() >= size,
        "a square matrix, and columns that other ranks have as rows"
    );
    assert!(given.len() == pattern.num_cols() && rhs.len() == size, "one value for each row");
    let own = |row: &&u32| (**row as usize) < size;
    rows.iter().filter(own).try_for_each(|&row| pattern.position(row, row).map(drop))?;
    let mut fixed = vec![false; pattern.num_cols()];
    rows.iter().for_each(|&row| fixed[row as usize] = true);
    let rhs = rhs.chunks_mut(ROWS_PER_PART);
    let work: Vec<_> = row_parts(pattern, values).into_iter().zip(rhs).collect();
    parts::each(work, |((rows, values), rhs)| {
        let first = pattern.row_offsets()[rows.start as usize] as usize;
        for (row, rhs) in rows.zip(rhs) {
            let range = pattern.row_range(row);
            let values = &mut values[range.start - first..range.end - first];
            let cols = pattern.row(row);
            // Also in a fixed row: of a block, only one component may be fixed.
            lift_row(cols, values, (&fixed, component), given, rhs);
            if fixed[row as usize] {
                fix_row::<T, V>(row, cols, values, component, &given[row as usize], rhs, diag);
            }
        }
    });
    Ok(())
}

fn fix_row<T: Entry<X = V, Y = V>, V: bytemuck::Pod>(
    row: u32,
    cols: &[u32],
    values: &mut [T],
    component: Component,
    given: &V,
    rhs: &mut V,
    diag: T::Scalar,
) {
    for (value, &col) in values.iter_mut().zip(cols) {
        fix_entry(value, component, if col == row { diag } else { T::Scalar::ZERO });
    }
    let given: &[T::Scalar] = numbers(std::slice::from_ref(given));
    let rhs: &mut [T::Scalar] = numbers_mut(std::slice::from_mut(rhs));
    for (r, (rhs, given)) in rhs.iter_mut().zip(given).enumerate() {
        if component.includes(r) {
            *rhs = diag * *given;
        }
    }
}

/// Moves what fixed columns contribute to the right-hand side.
fn lift_row<T: Entry<X = V, Y = V>, V: bytemuck::Pod>(
    cols: &[u32],
    values: &mut [T],
    (fixed, component): (&[bool], Component),
    given: &[V],
    rhs: &mut V,
) {
    let rhs: &mut [T::Scalar] = numbers_mut(std::slice::from_mut(rhs));
    for (value, &col) in values.iter_mut().zip(cols) {
        if !fixed[col as usize] {
            continue;
        }
        let given: &[T::Scalar] = numbers(std::slice::from_ref(&given[col as usize]));
        let value: &mut [T::Scalar] = numbers_mut(std::slice::from_mut(value));
        for (rhs, row) in rhs.iter_mut().zip(value.chunks_exact_mut(T::COLS)) {
            for (c, (number, given)) in row.iter_mut().zip(given).enumerate() {
                if component.includes(c) {
                    *rhs -= std::mem::replace(number, T::Scalar::ZERO) * *given;
                }
            }
        }
    }
}

/// The root of the sum of all squares.
pub fn frobenius_norm<T: Entry>(values: &[T]) -> T::Scalar {
    let numbers: &[T::Scalar] = numbers(values);
    let parts: Vec<&[T::Scalar]> = numbers.chunks(NUMBERS_PER_PART).collect();
    let sums = parts::map(parts.len(), |i| {
        // Lanes let the compiler add several at once.
        let mut lanes = [T::Scalar::ZERO; 8];
        let (eights, rest) = parts[i].as_chunks::<8>();
        for eight in eights {
            lanes.iter_mut().zip(eight).for_each(|(lane, &value)| *lane += value * value);
        }
        lanes.iter_mut().zip(rest).for_each(|(lane, &value)| *lane += value * value);
        sum(lanes)
    });
    sum(sums).sqrt()
}

/// The greatest sum of magnitudes in a row (of single components, for blocks).
pub fn inf_norm<T: Entry>(pattern: &Pattern, values: &[T]) -> T::Scalar {
    let num_parts = pattern.num_rows().div_ceil(ROWS_PER_PART);
    let greatest = parts::map(num_parts, |part| {
        let rows = part_rows(pattern, part).flat_map(|row| {
            let values = &values[pattern.row_range(row)];
            let component = |i: usize| {
                sum(values.iter().flat_map(|block| (0..T::COLS).map(move |j| block.at(i, j).abs())))
            };
            (0..T::ROWS).map(component).collect::<Vec<_>>()
        });
        max(rows)
    });
    max(greatest)
}

/// The greatest sum of magnitudes in a column (of single components, for blocks).
pub fn one_norm<T: Entry>(pattern: &Pattern, values: &[T]) -> T::Scalar {
    max(column_sums(pattern, values))
}

/// The sums of magnitudes in each column, `[num_cols, COLS]`.
pub fn column_sums<T: Entry>(pattern: &Pattern, values: &[T]) -> Vec<T::Scalar> {
    let mut sums = vec![T::Scalar::ZERO; pattern.num_cols() * T::COLS];
    for (block, &col) in values.iter().zip(pattern.columns()) {
        for j in 0..T::COLS {
            let in_block = sum((0..T::ROWS).map(|i| block.at(i, j).abs()));
            sums[col as usize * T::COLS + j] += in_block;
        }
    }
    sums
}

fn sum<S: Scalar>(numbers: impl IntoIterator<Item = S>) -> S {
    numbers.into_iter().fold(S::ZERO, |sum, number| sum + number)
}

/// The greatest of magnitudes, at least zero. A NaN wins: a norm must not hide it.
pub fn max<S: Scalar>(numbers: impl IntoIterator<Item = S>) -> S {
    let greater = |a: S, b: S| if b > a || b.partial_cmp(&b).is_none() { b } else { a };
    numbers.into_iter().fold(S::ZERO, greater)
}

fn part_rows(pattern: &Pattern, part: usize) -> Range<u32> {
    let first = part * ROWS_PER_PART;
    first as u32..pattern.num_rows().min(first + ROWS_PER_PART) as u32
}

/// The values cut at every [`ROWS_PER_PART`] rows.
fn row_parts<'v, T>(pattern: &Pattern, values: &'v mut [T]) -> Vec<(Range<u32>, &'v mut [T])> {
    let num_parts = pattern.num_rows().div_ceil(ROWS_PER_PART);
    let rows = |part| part_rows(pattern, part);
    let offsets = pattern.row_offsets();
    let length =
        |rows: Range<u32>| (offsets[rows.end as usize] - offsets[rows.start as usize]) as usize;
    let cut = parts::split(values, (0..num_parts).map(|part| length(rows(part))));
    (0..num_parts).map(rows).zip(cut).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line of three nodes: -1 2 -1.
    fn line() -> (Pattern, Vec<f64>) {
        let entries = [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 1), (2, 2)];
        let pattern = Pattern::from_list(3, 3, &entries, true).unwrap();
        (pattern, vec![2.0, -1.0, -1.0, 2.0, -1.0, -1.0, 2.0])
    }

    #[test]
    fn zeroed_rows_keep_a_diagonal_and_the_others_stay() {
        let (pattern, mut values) = line();
        zero_rows(&pattern, &mut values, &[0], Component::All, 12.0).unwrap();
        assert_eq!(values, [12.0, 0.0, -1.0, 2.0, -1.0, -1.0, 2.0]);
        assert_eq!(diagonal(&pattern, &values), [12.0, 2.0, 2.0]);
    }

    #[test]
    fn a_missing_diagonal_matters_only_where_it_is_set() {
        let pattern = Pattern::from_list(2, 2, &[(0, 0), (1, 0)], false).unwrap();
        let mut values = [1.0, 2.0];
        let error = zero_rows(&pattern, &mut values, &[0, 1], Component::All, 1.0).unwrap_err();
        assert_eq!(error, PatternError::Missing { row: 1, col: 1 });
        assert!(set_diagonal(&pattern, &mut values, &[5.0, 5.0]).is_err());
        assert_eq!(values, [1.0, 2.0], "nothing changed");
        zero_rows(&pattern, &mut values, &[1], Component::All, 0.0).unwrap();
        assert_eq!(values, [1.0, 0.0]);
        assert_eq!(diagonal(&pattern, &values), [1.0, 0.0]);
    }

    #[test]
    fn known_values_move_to_the_right_hand_side() {
        let (pattern, mut values) = line();
        let (given, mut rhs) = ([5.0, f64::NAN, 7.0], [0.0, 1.0, 0.0]);
        eliminate(&pattern, &mut values, (&[2, 0], Component::All), &given, &mut rhs, 3.0).unwrap();
        assert_eq!(values, [3.0, 0.0, 0.0, 2.0, 0.0, 0.0, 3.0]);
        assert_eq!(rhs, [15.0, 13.0, 21.0]);
    }

    #[test]
    fn norms_of_blocks_are_those_of_their_components() {
        let pattern = Pattern::from_list(1, 2, &[(0, 0), (0, 1)], false).unwrap();
        let values = [[[1.0, -2.0]], [[3.0, 4.0]]];
        assert_eq!(inf_norm(&pattern, &values), 10.0);
        assert_eq!(one_norm(&pattern, &values), 4.0);
        assert_eq!(frobenius_norm(&values), 30.0_f64.sqrt());
        assert!(inf_norm(&pattern, &[[[f64::NAN, 1.0]], [[2.0, 2.0]]]).is_nan());
    }

    #[test]
    fn values_scale_and_add_number_by_number() {
        let (from, mut to) = (vec![[[1.0_f32, 2.0]]; 3], vec![[[10.0, 20.0]]; 3]);
        axpy(2.0, &from, &mut to);
        scale(&mut to, 0.5);
        assert_eq!(to, [[[6.0, 12.0]]; 3]);
    }
}

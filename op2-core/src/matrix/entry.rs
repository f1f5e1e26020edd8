//! What a matrix holds in each place: a number, or a small dense block.

use std::fmt::{Debug, Display};
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};
use std::str::FromStr;

use bytemuck::{Pod, Zeroable};

use crate::base::element::Element;

/// The numbers of matrices: `f64` and `f32`.
pub trait Scalar:
    Entry<Scalar = Self, X = Self, Y = Self, Transposed = Self>
    + PartialOrd
    + Default
    + Display
    + FromStr
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
{
    /// Zero.
    const ZERO: Self;
    /// One.
    const ONE: Self;
    /// The magnitude.
    #[must_use]
    fn abs(self) -> Self;
    /// The square root.
    #[must_use]
    fn sqrt(self) -> Self;
}

/// What one place of a matrix holds: a [`Scalar`], or `[[S; C]; R]`, the block that couples `R`
/// components of a row to `C` components of a column.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an entry of a matrix",
    label = "not an entry type",
    note = "entries are f64, f32, and blocks `[[f64; C]; R]`, `[[f32; C]; R]`: R components of each row, C of each column"
)]
pub trait Entry: Element + Pod + Debug + PartialEq {
    /// The numbers in it.
    type Scalar: Scalar;
    /// What a vector holds for each column: a number, or `[S; C]`.
    type X: Element + Pod + Debug + PartialEq;
    /// What a vector holds for each row: a number, or `[S; R]`.
    type Y: Element + Pod + Debug + PartialEq;
    /// The entry of the transposed matrix.
    type Transposed: Entry<Scalar = Self::Scalar, X = Self::Y, Y = Self::X, Transposed = Self>;
    /// Components of a row.
    const ROWS: usize;
    /// Components of a column.
    const COLS: usize;

    /// `value` where a component meets itself, zero elsewhere.
    fn diagonal(value: Self::Scalar) -> Self;
    /// One component.
    ///
    /// # Panics
    /// If there is no such component.
    fn at(&self, row: usize, col: usize) -> Self::Scalar;
    /// The entry times a vector's part.
    #[must_use]
    fn times(&self, x: &Self::X) -> Self::Y;
    /// Rows and columns exchanged.
    #[must_use]
    fn transposed(&self) -> Self::Transposed;
}

macro_rules! scalars {
    ($($ty:ident)*) => {$(
        impl Scalar for $ty {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            fn abs(self) -> Self {
                $ty::abs(self)
            }
            fn sqrt(self) -> Self {
                $ty::sqrt(self)
            }
        }

        impl Entry for $ty {
            type Scalar = Self;
            type X = Self;
            type Y = Self;
            type Transposed = Self;
            const ROWS: usize = 1;
            const COLS: usize = 1;

            fn diagonal(value: Self) -> Self {
                value
            }
            fn at(&self, row: usize, col: usize) -> Self {
                assert_eq!((row, col), (0, 0), "a number has one component");
                *self
            }
            #[inline(always)]
            fn times(&self, x: &Self) -> Self {
                *self * *x
            }
            #[inline(always)]
            fn transposed(&self) -> Self {
                *self
            }
        }

        impl<const C: usize, const R: usize> Entry for [[$ty; C]; R] {
            type Scalar = $ty;
            type X = [$ty; C];
            type Y = [$ty; R];
            type Transposed = [[$ty; R]; C];
            const ROWS: usize = R;
            const COLS: usize = C;

            fn diagonal(value: $ty) -> Self {
                let mut block = Self::zeroed();
                for i in 0..R.min(C) {
                    block[i][i] = value;
                }
                block
            }
            fn at(&self, row: usize, col: usize) -> $ty {
                self[row][col]
            }
            #[inline(always)]
            fn times(&self, x: &[$ty; C]) -> [$ty; R] {
                let mut y = [0.0; R];
                for i in 0..R {
                    for j in 0..C {
                        y[i] += self[i][j] * x[j];
                    }
                }
                y
            }
            #[inline(always)]
            fn transposed(&self) -> [[$ty; R]; C] {
                let mut block = [[0.0; R]; C];
                for i in 0..R {
                    for j in 0..C {
                        block[j][i] = self[i][j];
                    }
                }
                block
            }
        }
    )*};
}

scalars! { f64 f32 }

/// All numbers of many entries (or of a vector's parts), one after the other.
pub(super) fn numbers<S: Scalar, T: Pod>(values: &[T]) -> &[S] {
    bytemuck::cast_slice(values)
}

/// As [`numbers`], to be changed.
pub(super) fn numbers_mut<S: Scalar, T: Pod>(values: &mut [T]) -> &mut [S] {
    bytemuck::cast_slice_mut(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_times_a_part_is_the_small_product() {
        let block: [[f64; 3]; 2] = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
        assert_eq!(block.times(&[1.0, 0.0, -1.0]), [-2.0, -2.0]);
        assert_eq!(block.transposed().times(&[1.0, -1.0]), [-3.0, -3.0, -3.0]);
        assert_eq!(<[[f32; 3]; 2]>::diagonal(7.0), [[7.0, 0.0, 0.0], [0.0, 7.0, 0.0]]);
        assert_eq!((block.at(1, 0), 5.0_f64.at(0, 0)), (4.0, 5.0));
    }
}

//! Entries that have an inverse: numbers and square blocks.

use crate::Real;
use crate::matrix::{Entry, Scalar};
use crate::solve::Components;

/// An entry of a matrix that factorizations can work with: a number, or a square block of numbers.
pub trait Square: Entry<X = Self::Row, Y = Self::Row, Transposed = Self, Scalar: Real> {
    /// What a vector holds for each row.
    type Row: Components;

    /// The inverse; none, if the entry is singular.
    fn inverse(&self) -> Option<Self>;

    /// The product of two entries.
    #[must_use]
    fn product(&self, other: &Self) -> Self;

    /// All numbers times `factor`.
    #[must_use]
    fn scaled(&self, factor: Self::Scalar) -> Self;

    /// `self -= other`.
    fn subtract(&mut self, other: &Self);

    /// `row -= self * x`, for parts of vectors.
    fn subtract_times(&self, x: &Self::Row, row: &mut Self::Row);

    /// Whether all pivots of the symmetric entry are positive, which the upper triangle shows.
    fn is_positive(&self) -> bool;
}

macro_rules! squares {
    ($($number:ident)*) => {$(
        impl Square for $number {
            type Row = $number;

            fn inverse(&self) -> Option<Self> {
                let inverse = 1.0 / self;
                inverse.is_finite().then_some(inverse)
            }

            fn product(&self, other: &Self) -> Self {
                self * other
            }

            fn scaled(&self, factor: $number) -> Self {
                self * factor
            }

            fn subtract(&mut self, other: &Self) {
                *self -= other;
            }

            #[inline(always)]
            fn subtract_times(&self, x: &$number, row: &mut $number) {
                *row -= self * x;
            }

            fn is_positive(&self) -> bool {
                *self > 0.0
            }
        }

        impl<const N: usize> Square for [[$number; N]; N] {
            type Row = [$number; N];

            fn inverse(&self) -> Option<Self> {
                inverse(self)
            }

            fn product(&self, other: &Self) -> Self {
                let mut product = [[0.0; N]; N];
                for i in 0..N {
                    for k in 0..N {
                        for j in 0..N {
                            product[i][j] += self[i][k] * other[k][j];
                        }
                    }
                }
                product
            }

            fn scaled(&self, factor: $number) -> Self {
                self.map(|row| row.map(|value| value * factor))
            }

            fn subtract(&mut self, other: &Self) {
                self.as_flattened_mut()
                    .iter_mut()
                    .zip(other.as_flattened())
                    .for_each(|(value, other)| *value -= other);
            }

            #[inline(always)]
            fn subtract_times(&self, x: &[$number; N], row: &mut [$number; N]) {
                for i in 0..N {
                    for j in 0..N {
                        row[i] -= self[i][j] * x[j];
                    }
                }
            }

            fn is_positive(&self) -> bool {
                is_positive(*self)
            }
        }
    )*};
}

squares! { f64 f32 }

/// Gauss-Jordan elimination, the largest number of each column first.
fn inverse<S: Scalar, const N: usize>(block: &[[S; N]; N]) -> Option<[[S; N]; N]> {
    let mut left = *block;
    let mut right = [[S::ZERO; N]; N];
    (0..N).for_each(|i| right[i][i] = S::ONE);
    for col in 0..N {
        let larger = |&i: &usize, &j: &usize| {
            left[i][col].abs().partial_cmp(&left[j][col].abs()).unwrap_or(std::cmp::Ordering::Equal)
        };
        let pivot = (col..N).max_by(larger)?;
        left.swap(col, pivot);
        right.swap(col, pivot);
        let factor = S::ONE / left[col][col];
        // True of infinities and NaN.
        if factor * S::ZERO != S::ZERO {
            return None;
        }
        for j in 0..N {
            left[col][j] *= factor;
            right[col][j] *= factor;
        }
        for i in (0..N).filter(|&i| i != col) {
            let factor = left[i][col];
            for j in 0..N {
                let (above, beside) = (left[col][j], right[col][j]);
                left[i][j] -= factor * above;
                right[i][j] -= factor * beside;
            }
        }
    }
    Some(right)
}

/// Symmetric elimination without exchanges; positive pivots are those of a positive definite block.
fn is_positive<S: Scalar, const N: usize>(mut block: [[S; N]; N]) -> bool {
    for k in 0..N {
        let pivot = block[k][k];
        if pivot.partial_cmp(&S::ZERO) != Some(std::cmp::Ordering::Greater) {
            return false;
        }
        for i in k + 1..N {
            let (above, below) = block.split_at_mut(i);
            let factor = above[k][i] / pivot;
            below[0].iter_mut().zip(above[k]).for_each(|(value, above)| *value -= factor * above);
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_times_its_inverse_is_one() {
        let block = [[0.0, 2.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 4.0]];
        let inverse = Square::inverse(&block).unwrap();
        assert_eq!(inverse, [[0.0, 1.0, 0.0], [0.5, 0.0, 0.0], [-0.125, 0.0, 0.25]]);
        assert_eq!(block.product(&inverse), <[[f64; 3]; 3]>::diagonal(1.0));
        assert_eq!(Square::inverse(&[[1.0_f32, 2.0], [2.0, 4.0]]), None);
        assert_eq!(Square::inverse(&0.0_f64), None);
        assert_eq!(Square::inverse(&f64::NAN), None);
        assert_eq!(Square::inverse(&[[f64::NAN]]), None);
    }

    #[test]
    fn positive_definite_blocks_are_recognized() {
        assert!([[2.0, -1.0], [-1.0, 2.0]].is_positive());
        assert!(![[1.0, 2.0], [2.0, 1.0]].is_positive());
        assert!(![[f64::NAN]].is_positive());
    }
}

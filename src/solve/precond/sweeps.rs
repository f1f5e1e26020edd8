//! `(D + L) D^-1 (D + U)`: the form that SSOR and the incomplete factorizations share.
//!
//! `L` and `U` have the pattern of the matrix below and above its diagonal, `D` is (block) diagonal.
//! Solving goes through the rows once forward and once backward, in local numbering, on one thread of
//! the host. On several ranks each does so with the rows and columns that it owns.

use op2_core::bytemuck::Zeroable;
use op2_core::matrix::local::LocalMat;

use super::Square;
use crate::matrix::Pattern;
use crate::{Dat, Mat, Result};

/// A matrix of that form.
pub(super) struct Sweeps<S, T: Square> {
    /// Says which entries there are.
    local: LocalMat<S, S, T>,
    /// Where the diagonal entry of each row lies among all.
    diagonal: Vec<u32>,
    /// `L` and `U` if they are others than the matrix has.
    values: Option<Vec<T>>,
    /// The inverse of `D`.
    inverses: Vec<T>,
}

impl<S, T: Square> Sweeps<S, T> {
    /// The lower and the upper part of a matrix with a diagonal `D` made of its own, entry by entry.
    pub(super) fn of(a: &Mat<S, S, T>, pivot: impl Fn(&T) -> T) -> Result<Self> {
        let local = a.local()?;
        local.check_square()?;
        let found = diagonal(&local).and_then(|diagonal| {
            let inverses = (0..).zip(&diagonal).map(|(row, &place)| {
                let value = pivot(&local.values()[place as usize]);
                value.inverse().ok_or_else(|| singular(&local, row, &value))
            });
            let inverses = inverses.collect::<Result<Vec<T>>>()?;
            Ok((diagonal, inverses))
        });
        let (diagonal, inverses) = local.agree(found)?;
        Ok(Self { local, diagonal, values: None, inverses })
    }

    /// The parts that a factorization makes. It gets the pattern, the places of the diagonal and the
    /// values, which it replaces by `L`, `D` and `U`, and gives the inverse of `D`.
    pub(super) fn factorized(
        a: &Mat<S, S, T>,
        factorize: impl FnOnce(&LocalMat<S, S, T>, &[u32], &mut [T]) -> Result<Vec<T>>,
    ) -> Result<Self> {
        let local = a.local()?;
        local.check_square()?;
        let mut values = local.values().to_vec();
        let found = diagonal(&local).and_then(|diagonal| {
            let inverses = factorize(&local, &diagonal, &mut values)?;
            Ok((diagonal, inverses))
        });
        let (diagonal, inverses) = local.agree(found)?;
        Ok(Self { local, diagonal, values: Some(values), inverses })
    }

    /// `z = factor ((D + L) D^-1 (D + U))^-1 r`.
    pub(super) fn solve(
        &self,
        factor: T::Scalar,
        r: &Dat<S, T::Row>,
        z: &Dat<S, T::Row>,
    ) -> Result<()> {
        let pattern = self.local.pattern();
        let values = self.values.as_deref().unwrap_or(self.local.values());
        self.local.map_rows("sweeps through", r, z, |r, z| {
            for (row, r) in r.iter().enumerate() {
                let start = pattern.row_offsets()[row] as usize;
                let below = start..self.diagonal[row] as usize;
                let mut rest = T::diagonal(factor).times(r);
                for (value, &col) in values[below.clone()].iter().zip(&pattern.columns()[below]) {
                    value.subtract_times(&z[col as usize], &mut rest);
                }
                z[row] = self.inverses[row].times(&rest);
            }
            for row in (0..z.len()).rev() {
                let end = pattern.row_offsets()[row + 1] as usize;
                let above = self.diagonal[row] as usize + 1..end;
                let mut rest = T::Row::zeroed();
                for (value, &col) in values[above.clone()].iter().zip(&pattern.columns()[above]) {
                    value.subtract_times(&z[col as usize], &mut rest);
                }
                let change = self.inverses[row].times(&rest);
                crate::Element::accumulate(&mut z[row], &change);
            }
        })
    }
}

/// Where the diagonal entries lie.
fn diagonal<S, T: Square>(local: &LocalMat<S, S, T>) -> Result<Vec<u32>> {
    let pattern: &Pattern = local.pattern();
    let place = |row: u32| {
        pattern.find(row, row).map(|place| place as u32).ok_or_else(|| {
            let row = local.row_set().user_number(row as usize);
            local.refuse(format!("row {row} has no entry on the diagonal"))
        })
    };
    (0..pattern.num_rows() as u32).map(place).collect()
}

/// The error for a pivot that cannot be divided by.
pub(super) fn singular<S, T: Square>(
    local: &LocalMat<S, S, T>,
    row: u32,
    pivot: &T,
) -> crate::Error {
    let row = local.row_set().user_number(row as usize);
    local.refuse(format!("row {row} has the pivot {pivot:?}, which has no inverse"))
}

//! Incomplete factorizations that keep the pattern of the matrix.

use op2_core::matrix::local::LocalMat;

use super::sweeps::{Sweeps, singular};
use super::{Preconditioner, Square};
use crate::matrix::Scalar;
use crate::{Dat, Mat, Result};

/// The incomplete LU factorization without fill, ILU(0), also of matrices of blocks:
/// `M = (D + L) D^-1 (D + U)` agrees with the matrix where that has entries.
///
/// Saad, "Iterative methods for sparse linear systems", 2003, Algorithm 10.4. Always applied on the host, by
/// one thread.
///
/// ```
/// # use op2::prelude::*;
/// # use op2::solve::{Preconditioner, precond::Ilu0};
/// # op2::sets! { Nodes; }
/// # fn main() -> op2::Result<()> {
/// # let cx = Context::from_env()?;
/// # let nodes = cx.set::<Nodes>(2)?;
/// let sparsity = Sparsity::from_list(&nodes, &nodes, &[(0, 1), (1, 0)])?;
/// let a: Mat<Nodes, Nodes, f64> = cx.mat("A", &sparsity)?;
/// # let r = cx.dat("r", &nodes, vec![3.0, 4.0])?;
/// # let z: Dat<Nodes, f64> = cx.dat_zeros("z", &nodes)?;
/// a.write()?.add_tensor(&[0, 1], &[0, 1], &[[1.0, 2.0], [1.0, 3.0]])?;
/// Ilu0::new(&a)?.apply(&r, &z)?;
/// assert_eq!(z.to_vec()?, [1.0, 1.0]); // exact, as there is no fill
/// # Ok(())
/// # }
/// ```
pub struct Ilu0<S, T: Square>(Sweeps<S, T>);

/// The incomplete Cholesky factorization without fill, IC(0), also of matrices of blocks, without
/// square roots: `M = (D + L) D^-1 (D + L)^T` agrees with the matrix where that has entries.
///
/// Only what lies on and below the diagonal is used. Meijerink and van der Vorst, "An iterative solution
/// method for linear systems of which the coefficient matrix is a symmetric M-matrix", Math. Comp. 31,
/// 1977; other positive definite matrices may have none, which is an error. Always applied on the host, by
/// one thread.
///
/// ```
/// # use op2::prelude::*;
/// # use op2::solve::{Preconditioner, precond::Ic0};
/// # op2::sets! { Nodes; }
/// # fn main() -> op2::Result<()> {
/// # let cx = Context::from_env()?;
/// # let nodes = cx.set::<Nodes>(2)?;
/// let sparsity = Sparsity::from_list(&nodes, &nodes, &[(0, 1), (1, 0)])?;
/// let a: Mat<Nodes, Nodes, f64> = cx.mat("A", &sparsity)?;
/// # let r = cx.dat("r", &nodes, vec![1.0, 1.0])?;
/// # let z: Dat<Nodes, f64> = cx.dat_zeros("z", &nodes)?;
/// a.write()?.add_tensor(&[0, 1], &[0, 1], &[[2.0, -1.0], [-1.0, 2.0]])?;
/// Ic0::new(&a)?.apply(&r, &z)?;
/// assert_eq!(z.to_vec()?, [1.0, 1.0]); // exact, as there is no fill
/// # Ok(())
/// # }
/// ```
pub struct Ic0<S, T: Square>(Sweeps<S, T>);

impl<S, T: Square> Ilu0<S, T> {
    /// Factorizes the matrix as it is now.
    ///
    /// # Errors
    /// A diagonal entry that is missing; a pivot without an inverse; rows and columns of different sets;
    /// a matrix in use.
    pub fn new(a: &Mat<S, S, T>) -> Result<Self> {
        Sweeps::factorized(a, |local, diagonal, values| {
            factorize(local, diagonal, values, |_, _| Ok(()))
        })
        .map(Self)
    }
}

impl<S, T: Square> Ic0<S, T> {
    /// Factorizes the matrix as it is now.
    ///
    /// # Errors
    /// A pivot that is not positive (definite); an entry below the diagonal without one above; rows and
    /// columns of different sets; a matrix in use.
    pub fn new(a: &Mat<S, S, T>) -> Result<Self> {
        Sweeps::factorized(a, |local, diagonal, values| {
            let above = mirror(local, diagonal)?;
            reflect(diagonal, local.pattern().row_offsets(), &above, values);
            let inverses = factorize(local, diagonal, values, |row, pivot| {
                if pivot.is_positive() {
                    return Ok(());
                }
                let row = local.row_set().user_number(row as usize);
                Err(local.refuse(format!(
                    "row {row} has the pivot {pivot:?}: the matrix is not positive definite, or has no incomplete Cholesky factorization"
                )))
            })?;
            // Equal but for rounding; conjugate gradients want it exact.
            reflect(diagonal, local.pattern().row_offsets(), &above, values);
            Ok(inverses)
        })
        .map(Self)
    }
}

impl<S, T: Square> Preconditioner<Dat<S, T::Row>> for Ilu0<S, T> {
    fn apply(&self, r: &Dat<S, T::Row>, z: &Dat<S, T::Row>) -> Result<()> {
        self.0.solve(T::Scalar::ONE, r, z)
    }
}

impl<S, T: Square> Preconditioner<Dat<S, T::Row>> for Ic0<S, T> {
    fn apply(&self, r: &Dat<S, T::Row>, z: &Dat<S, T::Row>) -> Result<()> {
        self.0.solve(T::Scalar::ONE, r, z)
    }
}

/// Replaces the values by `L`, `D` and `U`; gives the inverse of `D`.
fn factorize<S, T: Square>(
    local: &LocalMat<S, S, T>,
    diagonal: &[u32],
    values: &mut [T],
    check: impl Fn(u32, &T) -> Result<()>,
) -> Result<Vec<T>> {
    const ABSENT: u32 = u32::MAX;
    let pattern = local.pattern();
    let mut inverses: Vec<T> = Vec::with_capacity(pattern.num_rows());
    // Where the entries of the present row lie.
    let mut places = vec![ABSENT; pattern.num_cols()];
    for row in 0..pattern.num_rows() as u32 {
        let range = pattern.row_range(row);
        for place in range.clone() {
            places[pattern.columns()[place] as usize] = place as u32;
        }
        for place in range.start..diagonal[row as usize] as usize {
            let pivot = pattern.columns()[place];
            let factor = values[place].product(&inverses[pivot as usize]);
            let above = diagonal[pivot as usize] as usize + 1..pattern.row_range(pivot).end;
            for other in above {
                let target = places[pattern.columns()[other] as usize];
                if target != ABSENT {
                    let change = factor.product(&values[other]);
                    values[target as usize].subtract(&change);
                }
            }
        }
        for place in range {
            places[pattern.columns()[place] as usize] = ABSENT;
        }
        let pivot = values[diagonal[row as usize] as usize];
        check(row, &pivot)?;
        inverses.push(pivot.inverse().ok_or_else(|| singular(local, row, &pivot))?);
    }
    Ok(inverses)
}

/// For each entry below the diagonal, row by row, the place of the one above that mirrors it.
fn mirror<S, T: Square>(local: &LocalMat<S, S, T>, diagonal: &[u32]) -> Result<Vec<u32>> {
    let pattern = local.pattern();
    let mut above = Vec::new();
    for row in 0..pattern.num_rows() as u32 {
        for place in pattern.row_range(row).start..diagonal[row as usize] as usize {
            let col = pattern.columns()[place];
            let Some(mirrored) = pattern.find(col, row) else {
                let user = |row: u32| local.row_set().user_number(row as usize);
                let (row, col) = (user(row), user(col));
                return Err(local.refuse(format!(
                    "row {row} has an entry in column {col}, but row {col} has none in column {row}: the pattern is not symmetric"
                )));
            };
            above.push(mirrored as u32);
        }
    }
    Ok(above)
}

/// Copies what lies below the diagonal to the places above.
fn reflect<T: Square>(diagonal: &[u32], offsets: &[u32], above: &[u32], values: &mut [T]) {
    let below = diagonal.iter().zip(offsets).flat_map(|(&end, &start)| start..end);
    for (below, &above) in below.zip(above) {
        values[above as usize] = values[below as usize].transposed();
    }
}

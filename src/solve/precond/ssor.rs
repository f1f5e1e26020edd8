//! Symmetric successive over-relaxation.

use super::sweeps::Sweeps;
use super::{Preconditioner, Square};
use crate::matrix::Scalar;
use crate::{Dat, Error, Mat, Number, Result};

/// Symmetric successive over-relaxation (SSOR), with `omega = 1` the symmetric Gauss-Seidel method:
/// `M = (D/omega + L) (D/omega)^-1 (D/omega + U) / (2 - omega)`, where `D` is the (block) diagonal of the
/// matrix and `L` and `U` are what lies below and above it.
///
/// Symmetric, and positive definite, if the matrix is. Nothing is copied but the diagonal. Saad,
/// "Iterative methods for sparse linear systems", 2003, section 10.2. Always applied on the host, by one
/// thread.
///
/// ```
/// # use op2::prelude::*;
/// # use op2::solve::{Preconditioner, precond::Ssor};
/// # op2::sets! { Nodes; }
/// # fn main() -> op2::Result<()> {
/// # let cx = Context::from_env()?;
/// # let nodes = cx.set::<Nodes>(2)?;
/// let sparsity = Sparsity::from_list(&nodes, &nodes, &[(1, 0)])?;
/// let a: Mat<Nodes, Nodes, f64> = cx.mat("A", &sparsity)?;
/// # let r = cx.dat("r", &nodes, vec![2.0, 6.0])?;
/// # let z: Dat<Nodes, f64> = cx.dat_zeros("z", &nodes)?;
/// a.set(0, 0, 2.0)?;
/// a.set(1, 0, 2.0)?;
/// a.set(1, 1, 4.0)?;
/// Ssor::gauss_seidel(&a)?.apply(&r, &z)?;
/// assert_eq!(z.to_vec()?, [1.0, 1.0]); // exact, as nothing lies above the diagonal
/// # Ok(())
/// # }
/// ```
pub struct Ssor<S, T: Square> {
    sweeps: Sweeps<S, T>,
    factor: T::Scalar,
}

impl<S, T: Square> Ssor<S, T> {
    /// Takes the matrix as it is now; `omega` between 0 and 2.
    ///
    /// # Errors
    /// Another `omega`; a diagonal entry that is missing or has no inverse; rows and columns of
    /// different sets; a matrix in use.
    pub fn new(a: &Mat<S, S, T>, omega: f64) -> Result<Self> {
        if !(omega > 0.0 && omega < 2.0) {
            let reason = format!("SSOR: omega is {omega}, but lies between 0 and 2");
            return Err(Error::Settings(reason));
        }
        let over: T::Scalar = Number::from_f64(1.0 / omega);
        let sweeps = Sweeps::of(a, |diagonal| diagonal.scaled(over))?;
        Ok(Self { sweeps, factor: Number::from_f64(2.0 - omega) })
    }

    /// The symmetric Gauss-Seidel method: `omega = 1`.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn gauss_seidel(a: &Mat<S, S, T>) -> Result<Self> {
        let sweeps = Sweeps::of(a, |diagonal| *diagonal)?;
        Ok(Self { sweeps, factor: Scalar::ONE })
    }
}

impl<S, T: Square> Preconditioner<Dat<S, T::Row>> for Ssor<S, T> {
    fn apply(&self, r: &Dat<S, T::Row>, z: &Dat<S, T::Row>) -> Result<()> {
        self.sweeps.solve(self.factor, r, z)
    }
}

//! Preconditioners: what makes iterations converge faster.
//!
//! | | for entries | good for |
//! |---|---|---|
//! | [`Identity`] | | comparison |
//! | [`Jacobi`] | numbers, square blocks (their diagonals) | mass matrices; runs as a loop, on every target |
//! | [`BlockJacobi`] | numbers, square blocks | vector-valued unknowns; runs as a loop |
//! | [`Ssor`] | numbers, square blocks | nothing to factorize; symmetric if the matrix is |
//! | [`Ic0`] | numbers, square blocks | symmetric positive definite matrices |
//! | [`Ilu0`] | numbers, square blocks | any other |
//! | a tuple | | mixed systems, one preconditioner for each space |
//!
//! All are made from the matrix as it is, and do not follow its later changes. The last three go
//! through the rows one after the other, on one thread, in the order in which the rows are stored:
//! `cx.reorder` makes them better or worse, the number of threads changes nothing.
//!
//! On several ranks, making one is collective, and the last three are *block Jacobi*: each rank takes the rows
//! and columns that it owns, so that applying one needs no messages, and takes more iterations the more ranks
//! there are.
//!
//! In a context with a device, those that are loops run there; to be made, they bring the matrix to the
//! host once. [`Ssor`], [`Ic0`] and [`Ilu0`] stay on the host: each time one is applied, a vector is copied to
//! the host and one back, which the report says.
//!
//! ```
//! use op2::prelude::*;
//! use op2::solve::{CgOptions, cg, precond::Jacobi};
//!
//! op2::sets! { Nodes; }
//!
//! # fn main() -> op2::Result<()> {
//! let cx = Context::from_env()?;
//! let nodes = cx.set::<Nodes>(2)?;
//! let sparsity = Sparsity::from_list(&nodes, &nodes, &[])?;
//! let a: Mat<Nodes, Nodes, f64> = cx.mat("A", &sparsity)?;
//! a.set(0, 0, 2.0)?;
//! a.set(1, 1, 4.0)?;
//! let b = cx.dat("b", &nodes, vec![2.0, 8.0])?;
//! let mut u: Dat<Nodes, f64> = cx.dat_zeros("u", &nodes)?;
//! let jacobi = Jacobi::new(&a)?;
//! let report = cg(&a, &b, &mut u, CgOptions { preconditioner: &jacobi, ..Default::default() })?;
//! assert_eq!(report.iterations, 1);
//! assert_eq!(u.to_vec()?, [1.0, 2.0]);
//! # Ok(())
//! # }
//! ```

mod block_jacobi;
mod ilu0;
mod jacobi;
mod square;
mod ssor;
mod sweeps;
mod tuples;

pub use block_jacobi::BlockJacobi;
pub use ilu0::{Ic0, Ilu0};
pub use jacobi::Jacobi;
pub use square::Square;
pub use ssor::Ssor;

use super::Vector;
use crate::Result;

/// A linear operator that is near the inverse of a matrix and cheap.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a preconditioner for vectors `{X}`",
    note = "it must be made from a matrix on the same sets, with entries of the same kind; for a tuple of vectors, take a tuple of preconditioners"
)]
pub trait Preconditioner<X: Vector> {
    /// `z = M^-1 r`. `z` is overwritten.
    ///
    /// # Errors
    /// Vectors that do not fit or are in use.
    fn apply(&self, r: &X, z: &X) -> Result<()>;

    /// As [`apply`](Self::apply), and the inner products `(r.z, z.z)`.
    ///
    /// # Errors
    /// As [`apply`](Self::apply).
    fn apply_dots(&self, r: &X, z: &X) -> Result<(f64, f64)> {
        self.apply(r, z)?;
        z.dots(r, z)
    }

    /// Whether it does nothing: solvers then need no vector for its result.
    fn is_identity(&self) -> bool {
        false
    }
}

impl<X: Vector, P: Preconditioner<X> + ?Sized> Preconditioner<X> for &P {
    fn apply(&self, r: &X, z: &X) -> Result<()> {
        (**self).apply(r, z)
    }

    fn apply_dots(&self, r: &X, z: &X) -> Result<(f64, f64)> {
        (**self).apply_dots(r, z)
    }

    fn is_identity(&self) -> bool {
        (**self).is_identity()
    }
}

/// No preconditioner.
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity;

impl<X: Vector> Preconditioner<X> for Identity {
    fn apply(&self, r: &X, z: &X) -> Result<()> {
        z.assign(r)
    }

    fn is_identity(&self) -> bool {
        true
    }
}

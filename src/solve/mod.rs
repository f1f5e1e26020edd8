//! Solvers of linear and nonlinear systems, written on matrices, built-ins and loops of their own.
//!
//! They run on every target, give the same bits for any number of threads, and work on any
//! [`LinearOperator`]: a [`Mat`](crate::Mat), a function ([`MatrixFree`]), or a mixed
//! system of several spaces, as a tuple of rows of matrices.
//!
//! | for a matrix that is | use | which measures |
//! |---|---|---|
//! | symmetric and positive definite | [`cg`] | the preconditioned residual, or another [`ResidualNorm`] |
//! | symmetric | [`minres`] | the residual in the norm of the preconditioner |
//! | any | [`gmres()`], [`bicgstab`] | the residual |
//!
//! In a context with a device, all four run there: in an iteration nothing but scalars comes back, as
//! long as the preconditioner is a loop ([`precond`] says which are) and the operator is a matrix, a mixed
//! one, or made of loops.
//!
//! On several ranks all solvers are collective: all ranks call them with the same settings. Inner products are
//! the same on all, and so is the iteration in which each ends; a monitor is shown the same steps on each, and
//! asks all of them to stop, or none.
//!
//! A solver returns a [`SolveReport`]. One that does not converge returns
//! [`Error::NotConverged`](crate::Error::NotConverged), which carries the report too:
//!
//! ```
//! use op2::prelude::*;
//! use op2::solve::{CgOptions, MatrixFree, Reason, cg};
//!
//! op2::sets! { Nodes; }
//!
//! # fn main() -> op2::Result<()> {
//! let cx = Context::from_env()?;
//! let nodes = cx.set::<Nodes>(3)?;
//! let b = cx.dat("b", &nodes, vec![1.0; 3])?;
//! let mut u: Dat<Nodes, f64> = cx.dat_zeros("u", &nodes)?;
//! let negative = MatrixFree::new((3, 3), |x: &Dat<Nodes, f64>, y: &Dat<Nodes, f64>| {
//!     op2::builtins::copy(x, y)?;
//!     op2::builtins::scale(-1.0, y)
//! });
//! match cg(&negative, &b, &mut u, CgOptions::default()) {
//!     Err(op2::Error::NotConverged(report)) => {
//!         assert_eq!(report.reason, Reason::NotPositiveDefinite { what: "operator" });
//!     }
//!     other => panic!("{other:?}"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Preconditioners are in [`precond`], direct solvers (feature `direct`), which work on the host, in `direct`. A progress bar, or
//! whatever else wants to know, is a monitor:
//!
//! ```
//! # use op2::prelude::*;
//! # use op2::solve::{CgOptions, MatrixFree, cg};
//! # op2::sets! { Nodes; }
//! # fn main() -> op2::Result<()> {
//! # let cx = Context::from_env()?;
//! # let nodes = cx.set::<Nodes>(3)?;
//! # let b = cx.dat("b", &nodes, vec![1.0; 3])?;
//! # let mut u: Dat<Nodes, f64> = cx.dat_zeros("u", &nodes)?;
//! # let a = MatrixFree::new((3, 3), |x: &Dat<Nodes, f64>, y: &Dat<Nodes, f64>| op2::builtins::copy(x, y));
//! let mut shown = 0;
//! let report = cg(&a, &b, &mut u, CgOptions {
//!     monitor: Some(&mut |step| {
//!         println!("{step}");
//!         shown += 1;
//!     }),
//!     ..Default::default()
//! })?;
//! assert_eq!(shown, report.iterations + 1);
//! # Ok(())
//! # }
//! ```

mod bicgstab;
mod cg;
#[cfg(feature = "direct")]
pub mod direct;
mod gmres;
mod minres;
mod newton;
pub mod precond;
mod vector;
mod watch;

#[doc(no_inline)]
pub use crate::matrix::{LinearOperator, MatrixFree};
pub use bicgstab::{BicgstabOptions, bicgstab};
pub use cg::{CgOptions, ResidualNorm, cg};
pub use gmres::{GmresOptions, gmres};
pub use minres::{MinresOptions, minres};
pub use newton::{NewtonOptions, newton};
pub use op2_core::base::convergence::{Reason, SolveReport};
pub use precond::Preconditioner;
pub use vector::{Components, Vector};
pub use watch::{Monitor, Step};

use crate::Result;

/// `r = b - A u`; its square.
fn residual<A, X>(a: &A, b: &X, u: &X, r: &X) -> Result<f64>
where
    A: LinearOperator<X> + ?Sized,
    X: Vector,
{
    a.apply(u, r)?;
    r.scale(-1.0)?;
    r.axpy_square(1.0, b)
}

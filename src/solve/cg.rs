//! Conjugate gradients.

use super::precond::{Identity, Preconditioner};
use super::watch::{Limits, Monitor, Watch};
use super::{LinearOperator, Reason, SolveReport, Vector, residual};
use crate::Result;

/// Settings of [`cg`]. `CgOptions { rtol: 1e-10, ..Default::default() }`.
pub struct CgOptions<'o, X: Vector> {
    /// How small the residual becomes compared with the right-hand side. 1e-8 unless said otherwise.
    pub rtol: f64,
    /// A residual norm that is small enough whatever the right-hand side. 0 unless said otherwise.
    pub atol: f64,
    /// How many iterations are allowed. 10 000 unless said otherwise.
    pub max_iterations: usize,
    /// How residuals are measured. The preconditioned norm unless said otherwise.
    pub norm: ResidualNorm,
    /// A symmetric positive definite preconditioner. The identity unless said otherwise.
    pub preconditioner: &'o dyn Preconditioner<X>,
    /// Is shown the residual norm of every iteration, and may stop.
    pub monitor: Monitor<'o>,
}

impl<X: Vector> Default for CgOptions<'_, X> {
    fn default() -> Self {
        Self {
            rtol: 1e-8,
            atol: 0.0,
            max_iterations: 10_000,
            norm: ResidualNorm::default(),
            preconditioner: &Identity,
            monitor: None,
        }
    }
}

/// Which norm of the residual `r = b - A u` an iteration watches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResidualNorm {
    /// `|M^-1 r|`, as `PETSc` does: independent of the scales of the equations.
    #[default]
    Preconditioned,
    /// `|r|`.
    True,
    /// `sqrt(r . M^-1 r)`, the one that the method is built on.
    Natural,
}

impl ResidualNorm {
    fn of(self, rr: f64, (rz, zz): (f64, f64)) -> f64 {
        match self {
            Self::Preconditioned => zz.sqrt(),
            Self::True => rr.sqrt(),
            Self::Natural => rz.sqrt(),
        }
    }
}

/// Solves `A u = b` for a symmetric positive definite `A`. `u` holds a first guess, then the solution.
///
/// Converged when `norm(r) <= max(rtol norm(b), atol)`, in the norm that the options choose (with the
/// first residual in place of `b` if `b = 0`); `r` is the residual that the recurrence carries.
///
/// Hestenes and Stiefel, "Methods of conjugate gradients for solving linear systems", 1952; with
/// preconditioner as Algorithm 9.1 of Saad, "Iterative methods for sparse linear systems", 2003.
///
/// # Errors
/// [`Error::NotConverged`](crate::Error::NotConverged) with the report: too many iterations, an
/// operator or a preconditioner that is not positive definite, NaN, stopped by the monitor. Vectors
/// that do not fit or are in use.
///
/// ```
/// use op2::prelude::*;
/// use op2::solve::{CgOptions, MatrixFree, cg};
///
/// op2::sets! { Nodes; }
///
/// #[op2::kernel]
/// fn scale(i: &u64, x: &f64, y: Write<f64>) {
///     *y = (*i + 1) as f64 * *x;
/// }
///
/// # fn main() -> op2::Result<()> {
/// let cx = Context::from_env()?;
/// let nodes = cx.set::<Nodes>(3)?;
/// let b = cx.dat("b", &nodes, vec![2.0, 2.0, 3.0])?;
/// let mut u: Dat<Nodes, f64> = cx.dat_zeros("u", &nodes)?;
/// let a = MatrixFree::new((3, 3), |x: &Dat<Nodes, f64>, y: &Dat<Nodes, f64>| {
///     par_loop!(scale, nodes, index(), x(Read), y(Write))
/// });
/// let report = cg(&a, &b, &mut u, CgOptions { rtol: 1e-12, ..Default::default() })?;
/// println!("{report}");
/// assert_eq!(report.iterations, 3);
/// assert!((u.read()?[0] - 2.0).abs() < 1e-10);
/// # Ok(())
/// # }
/// ```
pub fn cg<A, X>(a: &A, b: &X, u: &mut X, options: CgOptions<'_, X>) -> Result<SolveReport>
where
    A: LinearOperator<X> + ?Sized,
    X: Vector,
{
    let CgOptions { rtol, atol, max_iterations, norm, preconditioner: m, monitor } = options;
    let [r, p, q] = ["cg.r", "cg.p", "cg.q"].map(|name| b.like(name));
    let (r, p, q) = (r?, p?, q?);
    // The identity needs no vector of its own.
    let z = if m.is_identity() { r.clone() } else { b.like("cg.z")? };
    let condition = |r: &X, rr: f64| {
        if m.is_identity() { Ok((rr, rr)) } else { m.apply_dots(r, &z) }
    };
    let bb = b.dot(b)?;
    let limits = Limits { rtol, atol, max_iterations };
    let mut watch = Watch::start("CG", limits, norm.of(bb, condition(b, bb)?), monitor)?;

    let mut rr = residual(a, b, u, &r)?;
    let (mut rz, mut zz) = condition(&r, rr)?;
    p.assign(&z)?;
    loop {
        if rz < 0.0 {
            return watch.finish(Reason::NotPositiveDefinite { what: "preconditioner" });
        }
        if let Some(reason) = watch.record(norm.of(rr, (rz, zz))) {
            return watch.finish(reason);
        }
        if rz == 0.0 {
            return watch.finish(Reason::NotPositiveDefinite { what: "preconditioner" });
        }
        a.apply(&p, &q)?;
        let pq = p.dot(&q)?;
        if pq <= 0.0 {
            return watch.finish(Reason::NotPositiveDefinite { what: "operator" });
        }
        let alpha = rz / pq;
        rr = u.step(alpha, &p, &r, -alpha, &q)?;
        let old = rz;
        (rz, zz) = condition(&r, rr)?;
        p.xpay(&z, rz / old)?;
    }
}

//! Stabilized bi-conjugate gradients.

use super::precond::{Identity, Preconditioner};
use super::watch::{Limits, Monitor, Watch};
use super::{LinearOperator, Reason, SolveReport, Vector, residual};
use crate::Result;

/// Settings of [`bicgstab`]. `BicgstabOptions { rtol: 1e-10, ..Default::default() }`.
pub struct BicgstabOptions<'o, X: Vector> {
    /// How small the residual becomes compared with the right-hand side. 1e-8 unless said otherwise.
    pub rtol: f64,
    /// A residual norm that is small enough whatever the right-hand side. 0 unless said otherwise.
    pub atol: f64,
    /// How many iterations are allowed. 10 000 unless said otherwise.
    pub max_iterations: usize,
    /// A preconditioner, applied from the right. The identity unless said otherwise.
    pub preconditioner: &'o dyn Preconditioner<X>,
    /// Is shown the residual norm of every iteration, and may stop.
    pub monitor: Monitor<'o>,
}

impl<X: Vector> Default for BicgstabOptions<'_, X> {
    fn default() -> Self {
        Self {
            rtol: 1e-8,
            atol: 0.0,
            max_iterations: 10_000,
            preconditioner: &Identity,
            monitor: None,
        }
    }
}

/// Where the shadow residual is this close to orthogonal, it is chosen anew.
const ORTHOGONAL: f64 = 1e-14;

/// Solves `A u = b` for any regular `A`. `u` holds a first guess, then the solution.
///
/// Two products with `A` in each iteration, little memory; where it stagnates, use
/// [`gmres`](super::gmres()). Converged when `|r| <= max(rtol |b|, atol)` (with the first residual in
/// place of `b` if `b = 0`), `r` being the residual `b - A u` that the recurrence carries: the
/// preconditioner acts from the right and does not change what is measured.
///
/// van der Vorst, "Bi-CGSTAB: a fast and smoothly converging variant of Bi-CG", SIAM J. Sci. Stat.
/// Comput. 13, 1992; the shadow residual is renewed where the recurrence would divide by zero.
///
/// # Errors
/// [`Error::NotConverged`](crate::Error::NotConverged) with the report: too many iterations, a
/// breakdown, NaN, stopped by the monitor. Vectors that do not fit or are in use.
///
/// ```
/// use op2::prelude::*;
/// use op2::solve::{BicgstabOptions, MatrixFree, bicgstab};
///
/// op2::sets! { Nodes; }
///
/// #[op2::kernel]
/// fn turn(x: &[f64; 2], y: Write<[f64; 2]>) {
///     *y = [x[0] - x[1], x[0] + 2.0 * x[1]];
/// }
///
/// # fn main() -> op2::Result<()> {
/// let cx = Context::from_env()?;
/// let nodes = cx.set::<Nodes>(2)?;
/// let b = cx.dat("b", &nodes, vec![[-1.0, 5.0]; 2])?;
/// let mut u: Dat<Nodes, [f64; 2]> = cx.dat_zeros("u", &nodes)?;
/// let a = MatrixFree::new((2, 2), |x: &Dat<Nodes, [f64; 2]>, y: &Dat<Nodes, [f64; 2]>| {
///     par_loop!(turn, nodes, x(Read), y(Write))
/// });
/// bicgstab(&a, &b, &mut u, BicgstabOptions::default())?;
/// let [x, y] = u.read()?[1];
/// assert!((x - 1.0).abs() < 1e-7 && (y - 2.0).abs() < 1e-7);
/// # Ok(())
/// # }
/// ```
pub fn bicgstab<A, X>(
    a: &A,
    b: &X,
    u: &mut X,
    options: BicgstabOptions<'_, X>,
) -> Result<SolveReport>
where
    A: LinearOperator<X> + ?Sized,
    X: Vector,
{
    let BicgstabOptions { rtol, atol, max_iterations, preconditioner: m, monitor } = options;
    let limits = Limits { rtol, atol, max_iterations };
    let mut watch = Watch::start("BiCGStab", limits, b.norm()?, monitor)?;
    let (r, shadow) = (b.like("bicgstab.r")?, b.like("bicgstab.shadow")?);
    let (p, v, t) = (b.like("bicgstab.p")?, b.like("bicgstab.v")?, b.like("bicgstab.t")?);
    let y = if m.is_identity() { p.clone() } else { b.like("bicgstab.y")? };
    let z = if m.is_identity() { r.clone() } else { b.like("bicgstab.z")? };
    let condition = |x: &X, to: &X| if m.is_identity() { Ok(()) } else { m.apply(x, to) };

    let mut rr = residual(a, b, u, &r)?;
    let (mut old, mut alpha, mut omega) = (1.0, 1.0, 1.0);
    let mut shadow_norm = 0.0;
    loop {
        if let Some(reason) = watch.record(rr.sqrt()) {
            return watch.finish(reason);
        }
        let mut rho = shadow.dot(&r)?;
        if rho.abs() <= ORTHOGONAL * shadow_norm * rr.sqrt() {
            shadow.assign(&r)?;
            p.assign(&r)?;
            (rho, shadow_norm) = (rr, rr.sqrt());
        } else {
            let beta = rho / old * (alpha / omega);
            p.combine([beta, -beta * omega, 1.0], &v, &r)?;
        }
        condition(&p, &y)?;
        a.apply(&y, &v)?;
        let along = shadow.dot(&v)?;
        if along == 0.0 {
            return watch.finish(Reason::Breakdown("the shadow residual is orthogonal to A p"));
        }
        alpha = rho / along;
        // From here on `r` is what the literature calls `s`.
        r.axpy(-alpha, &v)?;
        condition(&r, &z)?;
        a.apply(&z, &t)?;
        let (tr, tt) = t.dots(&r, &t)?;
        omega = if tt == 0.0 { 0.0 } else { tr / tt };
        // Both halves of the step; without a preconditioner `z` is `r`, which changes after that.
        u.combine([1.0, alpha, omega], &y, &z)?;
        rr = r.axpy_square(-omega, &t)?;
        if omega == 0.0 && rr > 0.0 {
            if let Some(reason) = watch.record(rr.sqrt()) {
                return watch.finish(reason);
            }
            return watch.finish(Reason::Breakdown("the stabilizing step has no length"));
        }
        old = rho;
    }
}

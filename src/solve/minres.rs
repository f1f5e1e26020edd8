//! Minimal residuals.

use super::precond::{Identity, Preconditioner};
use super::watch::{Limits, Monitor, Watch};
use super::{LinearOperator, Reason, SolveReport, Vector, residual};
use crate::Result;

/// Settings of [`minres`]. `MinresOptions { rtol: 1e-10, ..Default::default() }`.
pub struct MinresOptions<'o, X: Vector> {
    /// How small the residual becomes compared with the right-hand side. 1e-8 unless said otherwise.
    pub rtol: f64,
    /// A residual norm that is small enough whatever the right-hand side. 0 unless said otherwise.
    pub atol: f64,
    /// How many iterations are allowed. 10 000 unless said otherwise.
    pub max_iterations: usize,
    /// A symmetric positive definite preconditioner. The identity unless said otherwise.
    pub preconditioner: &'o dyn Preconditioner<X>,
    /// Is shown the residual norm of every iteration, and may stop.
    pub monitor: Monitor<'o>,
}

impl<X: Vector> Default for MinresOptions<'_, X> {
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

/// Solves `A u = b` for a symmetric `A` that may be indefinite, as those of mixed systems are. `u` holds
/// a first guess, then the solution.
///
/// Converged when `norm(r) <= max(rtol norm(b), atol)` (with the first residual in place of `b` if
/// `b = 0`), where `norm(r) = sqrt(r . M^-1 r)` is the norm that the method makes least; without a
/// preconditioner that is `|r|`.
///
/// Paige and Saunders, "Solution of sparse indefinite systems of linear equations", SIAM J. Numer. Anal.
/// 12, 1975; with preconditioner as Algorithm 4.1 of Elman, Silvester and Wathen, "Finite elements and
/// fast iterative solvers", 2014.
///
/// # Errors
/// [`Error::NotConverged`](crate::Error::NotConverged) with the report: too many iterations, a
/// preconditioner that is not positive definite, a singular matrix, NaN, stopped by the monitor. Vectors
/// that do not fit or are in use.
///
/// ```
/// use op2::prelude::*;
/// use op2::solve::{MatrixFree, MinresOptions, minres};
///
/// op2::sets! { Nodes; }
///
/// #[op2::kernel]
/// fn saddle(x: &[f64; 2], y: Write<[f64; 2]>) {
///     *y = [2.0 * x[0] + x[1], x[0]];
/// }
///
/// # fn main() -> op2::Result<()> {
/// let cx = Context::from_env()?;
/// let nodes = cx.set::<Nodes>(2)?;
/// let b = cx.dat("b", &nodes, vec![[5.0, 1.0]; 2])?;
/// let mut u: Dat<Nodes, [f64; 2]> = cx.dat_zeros("u", &nodes)?;
/// let a = MatrixFree::new((2, 2), |x: &Dat<Nodes, [f64; 2]>, y: &Dat<Nodes, [f64; 2]>| {
///     par_loop!(saddle, nodes, x(Read), y(Write))
/// });
/// minres(&a, &b, &mut u, MinresOptions::default())?;
/// let [x, y] = u.read()?[1];
/// assert!((x - 1.0).abs() < 1e-7 && (y - 3.0).abs() < 1e-7);
/// # Ok(())
/// # }
/// ```
pub fn minres<A, X>(a: &A, b: &X, u: &mut X, options: MinresOptions<'_, X>) -> Result<SolveReport>
where
    A: LinearOperator<X> + ?Sized,
    X: Vector,
{
    let MinresOptions { rtol, atol, max_iterations, preconditioner: m, monitor } = options;
    let (mut v, mut v_old) = (b.like("minres.v")?, b.like("minres.v")?);
    let (mut w, mut w_old) = (b.like("minres.w")?, b.like("minres.w")?);
    let mut av = b.like("minres.av")?;
    // The identity needs no vectors of its own.
    let identity = m.is_identity();
    let (mut z, mut z_next) =
        if identity { (v.clone(), av.clone()) } else { (b.like("minres.z")?, b.like("minres.z")?) };
    let condition = |r: &X, z: &X| {
        if identity { r.dot(r) } else { m.apply_dots(r, z).map(|(rz, _)| rz) }
    };
    let indefinite = Reason::NotPositiveDefinite { what: "preconditioner" };
    let limits = Limits { rtol, atol, max_iterations };
    let bb = condition(b, &z)?;
    let mut watch = Watch::start("MINRES", limits, bb.sqrt(), monitor)?;

    residual(a, b, u, &v)?;
    let vz = condition(&v, &z)?;
    if bb < 0.0 || vz < 0.0 {
        return watch.finish(indefinite);
    }
    let (mut gamma_old, mut gamma) = (1.0, vz.sqrt());
    let mut eta = gamma;
    let (mut old, mut now) = (Rotation::NONE, Rotation::NONE);
    loop {
        if let Some(reason) = watch.record(eta.abs()) {
            return watch.finish(reason);
        }
        if gamma == 0.0 {
            return watch.finish(Reason::Breakdown("the matrix is singular"));
        }
        // `v / gamma` and `z / gamma` are the vectors of the literature: loops divide as they pass.
        a.apply(&z, &av)?;
        let delta = av.dot(&z)? / gamma / gamma;
        av.combine([1.0 / gamma, -delta / gamma, -gamma / gamma_old], &v, &v_old)?;
        let vz = condition(&av, &z_next)?;
        if vz < 0.0 {
            return watch.finish(indefinite);
        }
        let gamma_next = vz.sqrt();

        // The column of the tridiagonal matrix, turned by the last two rotations and by a new one.
        let epsilon = old.sin * gamma;
        let beta = now.sin * delta + old.cos * now.cos * gamma;
        let turned = now.cos * delta - old.cos * now.sin * gamma;
        let length = turned.hypot(gamma_next);
        if length == 0.0 {
            return watch.finish(Reason::Breakdown("the matrix is singular"));
        }
        (old, now) = (now, Rotation { cos: turned / length, sin: gamma_next / length });
        // `w_old` becomes the new direction.
        let shares = [-epsilon / length, -beta / length, 1.0 / gamma / length, now.cos * eta];
        w_old.combine_step(shares, &w, &z, u)?;
        eta *= -now.sin;
        (gamma_old, gamma) = (gamma, gamma_next);
        std::mem::swap(&mut w, &mut w_old);
        // `v`, `av` become `v_old`, `v`.
        std::mem::swap(&mut v_old, &mut v);
        std::mem::swap(&mut v, &mut av);
        std::mem::swap(&mut z, &mut z_next);
        if identity {
            z_next = av.clone();
        }
    }
}

/// A rotation of two rows.
#[derive(Clone, Copy)]
struct Rotation {
    cos: f64,
    sin: f64,
}

impl Rotation {
    const NONE: Self = Self { cos: 1.0, sin: 0.0 };
}

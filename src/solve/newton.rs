//! Newton's method for nonlinear systems.

use super::watch::{Limits, Monitor, Watch};
use super::{Reason, SolveReport, Vector};
use crate::{Error, Result};

/// Settings of [`newton`]. `NewtonOptions { line_search: true, ..Default::default() }`.
pub struct NewtonOptions<'o> {
    /// How small `|F(u)|` becomes compared with the first. 1e-8 unless said otherwise.
    pub rtol: f64,
    /// A norm of `F(u)` that is small enough whatever the first. 1e-50 unless said otherwise.
    pub atol: f64,
    /// How many iterations are allowed. 50 unless said otherwise.
    pub max_iterations: usize,
    /// What part of each step is taken (at first, with a line search). 1 unless said otherwise.
    pub damping: f64,
    /// Whether steps that do not lower `|F|` enough are cut in half, up to 30 times.
    pub line_search: bool,
    /// Is shown `|F(u)|` of every iteration, and may stop.
    pub monitor: Monitor<'o>,
}

impl Default for NewtonOptions<'_> {
    fn default() -> Self {
        Self {
            rtol: 1e-8,
            atol: 1e-50,
            max_iterations: 50,
            damping: 1.0,
            line_search: false,
            monitor: None,
        }
    }
}

/// A step is kept when it lowers `|F|` by this part of what the linear model promises.
const SUFFICIENT: f64 = 1e-4;

/// How often a step is cut in half.
const MOST_CUTS: usize = 30;

/// Solves `F(u) = 0`. `u` holds a first guess, then the solution.
///
/// - `residual(u, f)` overwrites `f` with `F(u)`.
/// - `jacobian(u)` fills the matrix, `J = F'(u)`.
/// - `solve(f, d)` solves `J d = f`, with `d = 0` as a first guess; any solver will do.
///
/// Each iteration then takes `u -= damping d`. Converged when `|F(u)| <= max(rtol |F(u_0)|, atol)`.
///
/// With [`line_search`](NewtonOptions::line_search), a step of length `t` is kept when
/// `|F(u - t d)| <= (1 - 1e-4 t) |F(u)|`, and else cut in half: Kelley, "Solving nonlinear equations with
/// Newton's method", 2003, section 1.6.
///
/// # Errors
/// [`Error::NotConverged`](crate::Error::NotConverged) with the report: too many iterations, no step
/// that lowers `|F|`, a linear solver that did not converge, NaN, stopped by the monitor. Whatever the
/// three functions report.
///
/// ```
/// use op2::prelude::*;
/// use op2::solve::{NewtonOptions, newton};
///
/// op2::sets! { Nodes; }
///
/// #[op2::kernel]
/// fn square_minus_two(u: &f64, f: Write<f64>) {
///     *f = *u * *u - 2.0;
/// }
///
/// #[op2::kernel]
/// fn divide_by_slope(u: &f64, f: &f64, d: Write<f64>) {
///     *d = *f / (2.0 * *u);
/// }
///
/// # fn main() -> op2::Result<()> {
/// let cx = Context::from_env()?;
/// let nodes = cx.set::<Nodes>(3)?;
/// let mut u = cx.dat("u", &nodes, vec![1.0, 2.0, 3.0])?;
/// let at = u.clone();
/// let report = newton(
///     &mut u,
///     |u, f| par_loop!(square_minus_two, nodes, u(Read), f(Write)),
///     |_| Ok(()),
///     |f, d| {
///         let d = &*d;
///         par_loop!(divide_by_slope, nodes, at(Read), f(Read), d(Write))
///     },
///     NewtonOptions { rtol: 1e-12, ..Default::default() },
/// )?;
/// println!("{report}");
/// assert!((u.read()?[2] - 2.0_f64.sqrt()).abs() < 1e-12);
/// # Ok(())
/// # }
/// ```
pub fn newton<X: Vector>(
    u: &mut X,
    mut residual: impl FnMut(&X, &X) -> Result<()>,
    mut jacobian: impl FnMut(&X) -> Result<()>,
    mut solve: impl FnMut(&X, &mut X) -> Result<()>,
    options: NewtonOptions<'_>,
) -> Result<SolveReport> {
    let NewtonOptions { rtol, atol, max_iterations, damping, line_search, monitor } = options;
    let (f, mut d) = (u.like("newton.f")?, u.like("newton.d")?);
    let mut norm_at = |u: &X| {
        residual(u, &f)?;
        f.norm()
    };
    let mut norm = norm_at(u)?;
    let limits = Limits { rtol, atol, max_iterations };
    let mut watch = Watch::start("Newton", limits, norm, monitor)?;
    loop {
        if let Some(reason) = watch.record(norm) {
            return watch.finish(reason);
        }
        jacobian(u)?;
        d.clear()?;
        match solve(&f, &mut d) {
            Err(Error::NotConverged(report)) => return watch.finish(Reason::LinearSolver(report)),
            done => done?,
        }
        let mut length = damping;
        u.axpy(-length, &d)?;
        let before = std::mem::replace(&mut norm, norm_at(u)?);
        let mut cuts = 0;
        // Written so that NaN is cut, too.
        while line_search && !matches!(norm / before, ratio if ratio <= 1.0 - SUFFICIENT * length) {
            if cuts == MOST_CUTS {
                u.axpy(length, &d)?;
                return watch.finish(Reason::Breakdown("no part of the step lowers the residual"));
            }
            length /= 2.0;
            cuts += 1;
            u.axpy(length, &d)?;
            norm = norm_at(u)?;
        }
    }
}

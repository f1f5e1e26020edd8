//! Generalized minimal residuals, restarted.

use super::precond::{Identity, Preconditioner};
use super::watch::{Limits, Monitor, Watch};
use super::{LinearOperator, Reason, SolveReport, Vector, residual};
use crate::Result;

/// Settings of [`gmres`]. `GmresOptions { restart: 50, ..Default::default() }`.
pub struct GmresOptions<'o, X: Vector> {
    /// How small the residual becomes compared with the right-hand side. 1e-8 unless said otherwise.
    pub rtol: f64,
    /// A residual norm that is small enough whatever the right-hand side. 0 unless said otherwise.
    pub atol: f64,
    /// How many iterations are allowed, all cycles together. 10 000 unless said otherwise.
    pub max_iterations: usize,
    /// After how many iterations the method starts anew; it holds as many vectors. 30 unless said
    /// otherwise.
    pub restart: usize,
    /// A preconditioner, applied from the right. The identity unless said otherwise.
    pub preconditioner: &'o dyn Preconditioner<X>,
    /// Is shown the residual norm of every iteration, and may stop.
    pub monitor: Monitor<'o>,
}

impl<X: Vector> Default for GmresOptions<'_, X> {
    fn default() -> Self {
        Self {
            rtol: 1e-8,
            atol: 0.0,
            max_iterations: 10_000,
            restart: 30,
            preconditioner: &Identity,
            monitor: None,
        }
    }
}

/// A cycle that wins less than this in the true residual has reached what rounding allows.
const STAGNATION: f64 = 0.99;

/// Solves `A u = b` for any regular `A`. `u` holds a first guess, then the solution.
///
/// Converged when `|r| <= max(rtol |b|, atol)` (with the first residual in place of `b` if `b = 0`). The
/// preconditioner acts from the right, so that `r` is the residual `b - A u`: estimated in each
/// iteration, and computed before the method starts anew or says that it converged.
///
/// Saad and Schultz, "GMRES: a generalized minimal residual algorithm", SIAM J. Sci. Stat. Comput. 7,
/// 1986; Algorithm 9.5 of Saad, "Iterative methods for sparse linear systems", 2003, by modified
/// Gram-Schmidt, which is stable enough here (Paige, Rozlozník and Strakoš, SIAM J. Matrix Anal. 28,
/// 2006).
///
/// # Errors
/// [`Error::NotConverged`](crate::Error::NotConverged) with the report: too many iterations, a
/// singular matrix, stagnation, NaN, stopped by the monitor. Vectors that do not fit or are in use.
///
/// ```
/// use op2::prelude::*;
/// use op2::solve::{GmresOptions, MatrixFree, gmres};
///
/// op2::sets! { Nodes; }
///
/// #[op2::kernel]
/// fn turn(x: &[f64; 2], y: Write<[f64; 2]>) {
///     *y = [-x[1], x[0]];
/// }
///
/// # fn main() -> op2::Result<()> {
/// let cx = Context::from_env()?;
/// let nodes = cx.set::<Nodes>(2)?;
/// let b = cx.dat("b", &nodes, vec![[-2.0, 1.0]; 2])?;
/// let mut u: Dat<Nodes, [f64; 2]> = cx.dat_zeros("u", &nodes)?;
/// let a = MatrixFree::new((2, 2), |x: &Dat<Nodes, [f64; 2]>, y: &Dat<Nodes, [f64; 2]>| {
///     par_loop!(turn, nodes, x(Read), y(Write))
/// });
/// gmres(&a, &b, &mut u, GmresOptions::default())?;
/// let [x, y] = u.read()?[1];
/// assert!((x - 1.0).abs() < 1e-12 && (y - 2.0).abs() < 1e-12);
/// # Ok(())
/// # }
/// ```
pub fn gmres<A, X>(a: &A, b: &X, u: &mut X, options: GmresOptions<'_, X>) -> Result<SolveReport>
where
    A: LinearOperator<X> + ?Sized,
    X: Vector,
{
    let GmresOptions { rtol, atol, max_iterations, restart, preconditioner: m, monitor } = options;
    let limits = Limits { rtol, atol, max_iterations };
    let mut watch = Watch::start("GMRES", limits, b.norm()?, monitor)?;
    let mut basis = vec![b.like("gmres.v")?];
    let z = if m.is_identity() { None } else { Some(b.like("gmres.z")?) };

    let mut norm = residual(a, b, u, &basis[0])?.sqrt();
    let mut ended = watch.record(norm);
    while ended.is_none() {
        let (triangle, cycle_ended) =
            cycle(a, m, &mut basis, z.as_ref(), norm, restart, &mut watch)?;
        let Some(y) = triangle.solve() else {
            return watch.finish(Reason::Breakdown("the matrix is singular"));
        };
        update(u, &basis, &y, m, z.as_ref())?;
        let before = std::mem::replace(&mut norm, residual(a, b, u, &basis[0])?.sqrt());
        ended = match (watch.correct(norm), cycle_ended) {
            (Some(converged), _) => Some(converged),
            // Only the estimate was small.
            (None, Some(Reason::Rtol | Reason::Atol)) => {
                let stagnates = norm > STAGNATION * before;
                stagnates.then_some(Reason::Breakdown("rounding keeps the residual from falling"))
            }
            (None, other) => other,
        };
    }
    watch.finish(ended.expect("the loop ends for a reason"))
}

/// One cycle from the residual `basis[0]` of length `norm`. Why it ended, if not for its length.
fn cycle<A, X>(
    a: &A,
    m: &dyn Preconditioner<X>,
    basis: &mut Vec<X>,
    z: Option<&X>,
    norm: f64,
    restart: usize,
    watch: &mut Watch<'_>,
) -> Result<(Triangle, Option<Reason>)>
where
    A: LinearOperator<X> + ?Sized,
    X: Vector,
{
    basis[0].scale(1.0 / norm)?;
    let mut triangle = Triangle::new(norm);
    for j in 0..restart.max(1) {
        if basis.len() == j + 1 {
            let next = basis[0].like("gmres.v")?;
            basis.push(next);
        }
        let w = &basis[j + 1];
        match z {
            None => a.apply(&basis[j], w)?,
            Some(z) => {
                m.apply(&basis[j], z)?;
                a.apply(z, w)?;
            }
        }
        let mut column = Vec::with_capacity(j + 2);
        column.push(w.dot(&basis[0])?);
        for i in 0..j {
            column.push(w.axpy_dot(-column[i], &basis[i], &basis[i + 1])?);
        }
        let length = w.axpy_square(-column[j], &basis[j])?.sqrt();
        column.push(length);
        let estimate = triangle.push(column);
        if let Some(reason) = watch.record(estimate) {
            return Ok((triangle, Some(reason)));
        }
        if length == 0.0 {
            break;
        }
        w.scale(1.0 / length)?;
    }
    Ok((triangle, None))
}

/// `u += M^-1 (V y)`. Spoils `basis[0]`.
fn update<X: Vector>(
    u: &X,
    basis: &[X],
    y: &[f64],
    m: &dyn Preconditioner<X>,
    z: Option<&X>,
) -> Result<()> {
    let sum = &basis[0];
    sum.scale(y[0])?;
    y.iter().zip(basis).skip(1).try_for_each(|(&y, v)| sum.axpy(y, v))?;
    match z {
        None => u.axpy(1.0, sum),
        Some(z) => {
            m.apply(sum, z)?;
            u.axpy(1.0, z)
        }
    }
}

/// The Hessenberg matrix of a cycle, made triangular by rotations as it grows.
struct Triangle {
    columns: Vec<Vec<f64>>,
    rotations: Vec<(f64, f64)>,
    rhs: Vec<f64>,
}

impl Triangle {
    fn new(norm: f64) -> Self {
        Self { columns: Vec::new(), rotations: Vec::new(), rhs: vec![norm] }
    }

    /// Takes a column in; the length of the residual that is left.
    fn push(&mut self, mut column: Vec<f64>) -> f64 {
        let j = self.columns.len();
        for (i, &(cos, sin)) in self.rotations.iter().enumerate() {
            let (above, below) = (column[i], column[i + 1]);
            column[i] = cos * above + sin * below;
            column[i + 1] = cos * below - sin * above;
        }
        let length = column[j].hypot(column[j + 1]);
        let (cos, sin) =
            if length == 0.0 { (1.0, 0.0) } else { (column[j] / length, column[j + 1] / length) };
        column[j] = length;
        column.truncate(j + 1);
        self.columns.push(column);
        self.rotations.push((cos, sin));
        let rest = self.rhs[j];
        self.rhs[j] = cos * rest;
        self.rhs.push(-sin * rest);
        self.rhs[j + 1].abs()
    }

    /// The coefficients of the basis; none, if the matrix is singular.
    fn solve(self) -> Option<Vec<f64>> {
        let size = self.columns.len();
        let mut y = self.rhs;
        y.truncate(size);
        for j in (0..size).rev() {
            let pivot = self.columns[j][j];
            if pivot == 0.0 {
                return None;
            }
            y[j] /= pivot;
            for i in 0..j {
                y[i] -= self.columns[j][i] * y[j];
            }
        }
        Some(y)
    }
}

#[cfg(test)]
mod tests {
    use super::Triangle;

    /// The least squares problem of a 3 x 2 Hessenberg matrix, by hand.
    #[test]
    fn rotations_solve_the_small_problem() {
        let mut triangle = Triangle::new(2.0);
        let first = triangle.push(vec![0.0, 1.0]);
        assert_eq!(first, 2.0, "the first column is orthogonal to the residual");
        let second = triangle.push(vec![1.0, 0.0, 0.0]);
        assert_eq!(second, 0.0);
        assert_eq!(triangle.solve().unwrap(), [0.0, 2.0]);
    }

    #[test]
    fn a_column_of_zeros_is_singular() {
        let mut triangle = Triangle::new(1.0);
        triangle.push(vec![0.0, 0.0]);
        assert_eq!(triangle.solve(), None);
    }
}

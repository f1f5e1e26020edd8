//! How an iteration ended: plain data, for whoever solves and for errors.
//!
//! The solvers themselves belong to the facade.

use std::fmt;

/// How an iterative solve went: returned when it converged, carried by
/// [`Error::NotConverged`](crate::base::error::Error::NotConverged) when it did not.
///
/// Prints as one line.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SolveReport {
    /// The method's name: `CG`, `GMRES`, ...
    pub method: &'static str,
    /// Iterations done.
    pub iterations: usize,
    /// The residual norm before the first iteration and after each: `[iterations + 1]`, or none where
    /// the method could not begin.
    pub residuals: Vec<f64>,
    /// What the residual norm had to fall to.
    pub threshold: f64,
    /// Why the iteration ended.
    pub reason: Reason,
}

/// Why an iteration ended.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// The residual is small compared with the right-hand side.
    Rtol,
    /// The residual is small.
    Atol,
    /// All iterations that were allowed are done.
    MaxIterations,
    /// The residual is no number: the data have NaN or infinities, or the iteration blew up.
    NotANumber,
    /// The method needs a positive definite matrix or preconditioner, and this is none.
    NotPositiveDefinite {
        /// `operator` or `preconditioner`.
        what: &'static str,
    },
    /// The method cannot go on from here.
    Breakdown(
        /// What became zero.
        &'static str,
    ),
    /// The monitor asked for an end.
    Stopped,
    /// The linear solver inside failed.
    LinearSolver(
        /// How that went.
        Box<SolveReport>,
    ),
}

impl SolveReport {
    /// A report on an iteration that has not begun.
    pub fn new(method: &'static str, threshold: f64) -> Self {
        let (residuals, reason) = (Vec::new(), Reason::MaxIterations);
        Self { method, iterations: 0, residuals, threshold, reason }
    }

    /// Whether the residual fell to the threshold.
    pub fn converged(&self) -> bool {
        matches!(self.reason, Reason::Rtol | Reason::Atol)
    }

    /// The last residual norm; NaN if there is none.
    pub fn residual(&self) -> f64 {
        self.residuals.last().copied().unwrap_or(f64::NAN)
    }
}

impl fmt::Display for SolveReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, iterations, reason, .. } = self;
        let verb = if self.converged() { "converged" } else { "did not converge" };
        let plural = if *iterations == 1 { "" } else { "s" };
        let first = self.residuals.first().copied().unwrap_or(f64::NAN);
        write!(
            f,
            "{method} {verb} in {iterations} iteration{plural}: {reason}; residual {:.3e}, at first {first:.3e}, wanted {:.3e}",
            self.residual(),
            self.threshold,
        )
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rtol => f.write_str("relative tolerance reached"),
            Self::Atol => f.write_str("absolute tolerance reached"),
            Self::MaxIterations => f.write_str("no more iterations allowed"),
            Self::NotANumber => f.write_str("the residual is not a number"),
            Self::NotPositiveDefinite { what } => {
                write!(f, "the {what} is not positive definite")
            }
            Self::Breakdown(what) => write!(f, "breakdown: {what}"),
            Self::Stopped => f.write_str("stopped by the monitor"),
            Self::LinearSolver(report) => write!(f, "its linear solver failed ({report})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_one_readable_line() {
        let mut report = SolveReport::new("CG", 1e-8);
        report.residuals = vec![1.0, 0.5];
        report.iterations = 1;
        assert_eq!(
            report.to_string(),
            "CG did not converge in 1 iteration: no more iterations allowed; residual 5.000e-1, at first 1.000e0, wanted 1.000e-8"
        );
        report.reason = Reason::Rtol;
        assert!(report.converged());
        assert!(report.to_string().starts_with("CG converged in 1 iteration: relative"));
    }
}

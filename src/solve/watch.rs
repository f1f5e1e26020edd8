//! The bookkeeping of an iteration: history, tolerances, monitor.

use std::cell::Cell;
use std::fmt;

use crate::solve::{Reason, SolveReport};
use crate::{Error, Result};

/// Where an iteration stands: what a monitor is shown, before the first iteration and after each.
#[derive(Debug)]
pub struct Step {
    /// The method's name.
    pub method: &'static str,
    /// Iterations done.
    pub iteration: usize,
    /// The norm of the residual, as the method measures it.
    pub residual: f64,
    /// What the residual has to fall to.
    pub threshold: f64,
    stop: Cell<bool>,
}

impl Step {
    /// Ends the iteration here, which the solver then reports as an error.
    pub fn stop(&self) {
        self.stop.set(true);
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, iteration, residual, threshold, .. } = self;
        write!(f, "{method} {iteration:5}  {residual:.6e}  (wanted {threshold:.1e})")
    }
}

/// Is shown each [`Step`].
pub type Monitor<'m> = Option<&'m mut dyn FnMut(&Step)>;

/// When an iteration ends.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) rtol: f64,
    pub(super) atol: f64,
    pub(super) max_iterations: usize,
}

/// An iteration as it goes on.
pub(super) struct Watch<'m> {
    report: SolveReport,
    limits: Limits,
    reference: f64,
    monitor: Monitor<'m>,
}

impl<'m> Watch<'m> {
    /// `reference` is the norm of the right-hand side; if that is zero, the first residual's is taken.
    pub(super) fn start(
        method: &'static str,
        limits: Limits,
        reference: f64,
        monitor: Monitor<'m>,
    ) -> Result<Self> {
        for (name, value) in [("rtol", limits.rtol), ("atol", limits.atol)] {
            if value.is_nan() || value < 0.0 {
                let reason =
                    format!("{method}: {name} is {value}, but a tolerance is not negative");
                return Err(Error::Settings(reason));
            }
        }
        let report = SolveReport::new(method, 0.0);
        Ok(Self { report, limits, reference, monitor })
    }

    /// Takes down the residual norm before the first iteration, or after one more. Some reason, if the
    /// iteration ends here.
    pub(super) fn record(&mut self, residual: f64) -> Option<Reason> {
        if self.report.residuals.is_empty() {
            if self.reference == 0.0 {
                self.reference = residual;
            }
            self.report.threshold = (self.limits.rtol * self.reference).max(self.limits.atol);
        }
        self.report.iterations = self.report.residuals.len();
        self.report.residuals.push(residual);
        let stopped = self.show(residual);
        match self.converged(residual) {
            None if !residual.is_finite() => Some(Reason::NotANumber),
            None if stopped => Some(Reason::Stopped),
            None if self.report.iterations >= self.limits.max_iterations => {
                Some(Reason::MaxIterations)
            }
            ended => ended,
        }
    }

    /// Replaces the last residual norm, which was an estimate, by the true one. Some reason, if that
    /// is small enough.
    pub(super) fn correct(&mut self, residual: f64) -> Option<Reason> {
        if let Some(last) = self.report.residuals.last_mut() {
            *last = residual;
        }
        self.converged(residual)
    }

    /// The report, or the error that carries it.
    pub(super) fn finish(mut self, reason: Reason) -> Result<SolveReport> {
        self.report.reason = reason;
        if self.report.converged() {
            Ok(self.report)
        } else {
            Err(Error::NotConverged(Box::new(self.report)))
        }
    }

    fn converged(&self, residual: f64) -> Option<Reason> {
        if residual <= self.limits.rtol * self.reference {
            Some(Reason::Rtol)
        } else {
            (residual <= self.limits.atol).then_some(Reason::Atol)
        }
    }

    fn show(&mut self, residual: f64) -> bool {
        let Some(monitor) = &mut self.monitor else { return false };
        let step = Step {
            method: self.report.method,
            iteration: self.report.iterations,
            residual,
            threshold: self.report.threshold,
            stop: Cell::new(false),
        };
        monitor(&step);
        step.stop.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { rtol: 0.1, atol: 0.5, max_iterations: 2 };

    #[test]
    fn tolerances_are_relative_to_the_right_hand_side() {
        let mut watch = Watch::start("X", LIMITS, 100.0, None).unwrap();
        assert_eq!(watch.record(11.0), None);
        assert_eq!(watch.record(10.0), Some(Reason::Rtol));
        let report = watch.finish(Reason::Rtol).unwrap();
        assert_eq!((report.iterations, report.threshold), (1, 10.0));
        assert_eq!(report.residuals, [11.0, 10.0]);
    }

    #[test]
    fn without_a_right_hand_side_they_are_relative_to_the_first_residual() {
        let mut watch = Watch::start("X", LIMITS, 0.0, None).unwrap();
        assert_eq!(watch.record(2.0), None);
        assert_eq!(watch.record(0.4), Some(Reason::Atol));
    }

    #[test]
    fn failures_are_told_apart() {
        let mut watch = Watch::start("X", LIMITS, 1.0, None).unwrap();
        assert_eq!(watch.record(f64::NAN), Some(Reason::NotANumber));
        let mut watch = Watch::start("X", LIMITS, 1.0, None).unwrap();
        assert_eq!([5.0, 5.0, 5.0].map(|r| watch.record(r))[2], Some(Reason::MaxIterations));
        let Err(Error::NotConverged(report)) = watch.finish(Reason::MaxIterations) else {
            panic!("did not converge")
        };
        assert_eq!(report.iterations, 2);
        let mut seen = Vec::new();
        let mut stop_at_once = |step: &Step| {
            seen.push(step.residual);
            step.stop();
        };
        let mut watch = Watch::start("X", LIMITS, 1.0, Some(&mut stop_at_once)).unwrap();
        assert_eq!(watch.record(7.0), Some(Reason::Stopped));
        assert_eq!(seen, [7.0]);
    }

    #[test]
    fn tolerances_are_not_negative() {
        let limits = Limits { rtol: -1.0, ..LIMITS };
        assert!(matches!(Watch::start("X", limits, 1.0, None), Err(Error::Settings(_))));
    }
}

//! A published number, and whether a result is close enough to it.

/// A number that a program must reproduce.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reference {
    pub(crate) value: f64,
    /// How far a result may be off.
    pub(crate) percent: f64,
}

impl Reference {
    /// Whether `result` is close enough, by the formula of OP2's programs.
    pub(crate) fn passes(&self, result: f64) -> bool {
        self.percent_off(result).abs() < self.percent
    }

    /// The verdict in a sentence; `what` is the name of the number.
    pub(crate) fn sentence(&self, what: &str, result: f64) -> String {
        let verdict = if self.passes(result) { "PASSED" } else { "FAILED" };
        let (value, percent) = (self.value, self.percent);
        let off = self.percent_off(result);
        format!(
            "{verdict}: {what} is {off:+.1e} % off the published {value:e} (allowed: {percent} %)"
        )
    }

    fn percent_off(&self, result: f64) -> f64 {
        100.0 * result / self.value - 100.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_passes_within_the_percentage() {
        let reference = Reference { value: 2.0, percent: 0.5 };
        assert!(reference.passes(2.0) && reference.passes(2.009) && reference.passes(1.991));
        assert!(!reference.passes(2.011) && !reference.passes(1.989));
        assert!(!reference.passes(f64::NAN));
        assert_eq!(
            reference.sentence("rms", 2.1),
            "FAILED: rms is +5.0e0 % off the published 2e0 (allowed: 0.5 %)"
        );
        assert!(reference.sentence("rms", 2.0).starts_with("PASSED: rms is +0.0e0 % off"));
    }
}

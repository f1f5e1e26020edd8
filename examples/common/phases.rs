//! What the parts of a program take.

use std::time::Instant;

use serde_json::{Map, Value};

/// Seconds by phase. A phase that comes again, say in each step, adds up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Phases {
    seconds: Vec<(&'static str, f64)>,
}

impl Phases {
    /// Does `work` and adds its time to `phase`. Phases stand in the order of their first time.
    pub(crate) fn time<R>(&mut self, phase: &'static str, work: impl FnOnce() -> R) -> R {
        let start = Instant::now();
        let result = work();
        let seconds = start.elapsed().as_secs_f64();
        match self.seconds.iter_mut().find(|(name, _)| *name == phase) {
            Some((_, sum)) => *sum += seconds,
            None => self.seconds.push((phase, seconds)),
        }
        result
    }

    /// The seconds of a phase; none for one that did not occur.
    pub(crate) fn seconds(&self, phase: &str) -> f64 {
        self.seconds.iter().find(|(name, _)| *name == phase).map_or(0.0, |&(_, seconds)| seconds)
    }

    /// The seconds of all phases.
    pub(crate) fn total(&self) -> f64 {
        self.seconds.iter().map(|(_, seconds)| seconds).sum()
    }

    /// One line: `mesh 0.21 s, solve 3.20 s`.
    pub(crate) fn line(&self) -> String {
        let parts: Vec<_> =
            self.seconds.iter().map(|(name, seconds)| format!("{name} {seconds:.2} s")).collect();
        parts.join(", ")
    }

    /// An object of seconds by phase.
    pub(crate) fn to_json(&self) -> Value {
        let entries = self.seconds.iter().map(|&(name, seconds)| (name.to_owned(), seconds.into()));
        Value::Object(entries.collect::<Map<_, _>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn phases_add_up_in_the_order_of_their_first_time() {
        let nap = Duration::from_millis(2);
        let mut phases = Phases::default();
        for _ in 0..2 {
            phases.time("solve", || std::thread::sleep(nap));
            assert_eq!(phases.time("assemble", || 7), 7);
        }
        assert!(phases.seconds("solve") >= 2.0 * nap.as_secs_f64());
        assert_eq!(phases.seconds("draw"), 0.0);
        assert_eq!(phases.total(), phases.seconds("solve") + phases.seconds("assemble"));
        assert!(phases.line().starts_with("solve 0."), "{}", phases.line());
        assert_eq!(phases.to_json().as_object().unwrap().len(), 2);
        assert_eq!(phases.to_json()["solve"], phases.seconds("solve"));
    }
}

//! What the program says while it runs: progress, each step beside the known one, the verdict.

use indicatif::ProgressBar;

use crate::common::output::{Channel, beside, progress_bar};
use crate::flow::Step;
use crate::published::{Published, tolerance};

/// Watches a run: a bar on the terminal, a table of steps, and the verdict.
pub(crate) struct Monitor {
    known: Option<&'static Published>,
    channel: Channel,
    bar: ProgressBar,
    record: Record,
}

/// What the steps did.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Record {
    /// `(step, rms)`, the first step being 1.
    pub(crate) rms: Vec<(u32, f64)>,
    /// Iterations of conjugate gradients in each step.
    pub(crate) cg_iterations: Vec<u32>,
    /// Whether the known values were met; nothing where none are known.
    pub(crate) passed: Option<bool>,
}

impl Monitor {
    /// Begins to watch `steps` steps; writes the head of the table.
    pub(crate) fn new(steps: u32, known: Option<&'static Published>, channel: Channel) -> Self {
        channel.say(&head(known.is_some()));
        Self {
            known,
            channel,
            bar: progress_bar(channel, steps, "steps"),
            record: Record::default(),
        }
    }

    /// Notes a step and adds it to the table.
    pub(crate) fn record(&mut self, step: u32, done: Step) {
        self.record.rms.push((step, done.rms));
        self.record.cg_iterations.push(done.cg_iterations);
        let known = self.known.and_then(|known| known.rms(step));
        self.bar.set_position(u64::from(step));
        self.bar.suspend(|| self.channel.say(&row(step, done, known)));
    }

    /// Ends the watch with the verdict.
    pub(crate) fn finish(mut self) -> Record {
        self.bar.finish_and_clear();
        if let Some(known) = self.known {
            let (passed, sentences) = verdict(known, &self.record.rms);
            self.channel.say(&sentences);
            self.record.passed = Some(passed);
        }
        self.record
    }
}

/// Whether all steps are the known ones, and the last one that of the original's authors; in words.
fn verdict(known: &Published, rms: &[(u32, f64)]) -> (bool, String) {
    let off = known.first_off(rms);
    let mut sentences = match off {
        None => {
            "PASSED: every rms is near the known one (allowed: 1e-9, from step 4 on 1e-3)".into()
        }
        Some(step) => format!(
            "FAILED: rms of step {step} is not near the known one (allowed: {:e})",
            tolerance(step)
        ),
    };
    let mut passed = off.is_none();
    if let Some(&(_, last)) = rms.iter().find(|(step, _)| *step == 20) {
        passed &= known.last.passes(last);
        sentences = format!("{sentences}\n{}", known.last.sentence("the last rms", last));
    }
    (passed, sentences)
}

fn head(with_known: bool) -> String {
    let head = format!("{:>4}  {:>7}  {:<22}", "step", "CG its.", "rms");
    if with_known { format!("{head}  {:<22}  difference", "known") } else { head }
}

fn row(step: u32, done: Step, known: Option<f64>) -> String {
    let row = format!("{step:>4}  {:>7}  {:<22.17e}", done.cg_iterations, done.rms);
    match known {
        Some(known) => format!("{row}  {}", beside(done.rms, known)),
        None => row,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::published::LARGE;

    fn run(steps: u32, change: impl Fn(u32, f64) -> f64) -> Record {
        let mut monitor = Monitor::new(steps, Some(&LARGE), Channel::Stderr);
        for step in 1..=steps {
            let rms = change(step, LARGE.rms(step).unwrap());
            monitor.record(step, Step { rms, cg_iterations: 200 });
        }
        monitor.finish()
    }

    #[test]
    fn a_run_of_the_published_mesh_is_judged() {
        let record = run(20, |_, rms| rms);
        assert_eq!((record.passed, record.cg_iterations), (Some(true), vec![200; 20]));
        assert_eq!(run(20, |_, rms| 0.9 * rms).passed, Some(false));
        let third_is_off = |step, rms: f64| if step == 3 { rms * (1.0 + 1e-8) } else { rms };
        assert_eq!(run(2, third_is_off).passed, Some(true));
        assert_eq!(run(3, third_is_off).passed, Some(false));
        assert_eq!(run(1, |_, _| f64::NAN).passed, Some(false));
    }

    #[test]
    fn the_verdict_is_told_in_words() {
        let (passed, sentences) = verdict(&LARGE, &[(1, LARGE.rms(1).unwrap())]);
        assert!(passed && sentences.starts_with("PASSED: every rms"), "{sentences}");
        let (passed, sentences) = verdict(&LARGE, &[(4, 1.0)]);
        let expected = "FAILED: rms of step 4 is not near the known one (allowed: 1e-3)";
        assert_eq!((passed, &*sentences), (false, expected));
        let (_, sentences) = verdict(&LARGE, &[(20, LARGE.rms(20).unwrap())]);
        assert!(sentences.ends_with("(allowed: 0.02 %)"), "{sentences}");
    }

    #[test]
    fn other_runs_are_not_judged() {
        let mut monitor = Monitor::new(1, None, Channel::Stderr);
        monitor.record(1, Step { rms: 0.5, cg_iterations: 7 });
        assert_eq!(monitor.finish().passed, None);
        assert_eq!(
            row(7, Step { rms: 0.5, cg_iterations: 7 }, None),
            "   7        7  5.00000000000000000e-1"
        );
    }
}

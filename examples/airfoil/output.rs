//! What the program says while it runs: progress, residuals beside the known ones, the verdict.

use indicatif::ProgressBar;

use crate::common::output::{Channel, beside, progress_bar};
use crate::options::Precision;
use crate::published::{Published, Test};

/// Residuals are shown every so many iterations, and after the last.
const INTERVAL: u32 = 100;

/// Watches a run: a bar on the terminal, a table of residuals, and the verdict.
pub(crate) struct Monitor {
    iters: u32,
    known: Option<&'static Published>,
    precision: Precision,
    channel: Channel,
    bar: ProgressBar,
    rms: Vec<(u32, f64)>,
}

impl Monitor {
    /// Begins to watch `iters` iterations; writes the head of the table.
    pub(crate) fn new(
        iters: u32,
        known: Option<&'static Published>,
        precision: Precision,
        channel: Channel,
    ) -> Self {
        let bar = progress_bar(channel, iters, "iterations");
        channel.say(&head(known.is_some()));
        Self { iters, known, precision, channel, bar, rms: Vec::new() }
    }

    /// Whether the residual of this iteration is wanted; reading it costs a reduction.
    pub(crate) fn wants(&self, iter: u32) -> bool {
        iter.is_multiple_of(INTERVAL) || iter == self.iters
    }

    /// Notes that an iteration is done, the first being 1.
    pub(crate) fn tick(&self, iter: u32) {
        self.bar.set_position(u64::from(iter));
    }

    /// Notes a residual and adds it to the table.
    pub(crate) fn record(&mut self, iter: u32, rms: f64) {
        self.rms.push((iter, rms));
        let reference = self.known.and_then(|known| known.rms(iter));
        self.bar.suspend(|| self.channel.say(&row(iter, rms, reference)));
    }

    /// Ends the watch with the verdict; gives the residuals and whether the published test
    /// passed, where one applies: to iteration 1000 of the published mesh in double precision.
    pub(crate) fn finish(self) -> (Vec<(u32, f64)>, Option<bool>) {
        self.bar.finish_and_clear();
        let verdict = verdict(self.known, self.precision, &self.rms);
        if let Some((test, rms)) = verdict {
            self.channel.say(&test.rms.sentence("rms", rms));
        }
        (self.rms, verdict.map(|(test, rms)| test.rms.passes(rms)))
    }
}

/// The published test and the residual it is about, where both are there.
fn verdict(
    known: Option<&'static Published>,
    precision: Precision,
    rms: &[(u32, f64)],
) -> Option<(&'static Test, f64)> {
    let test = known?.test.as_ref().filter(|_| precision == Precision::F64)?;
    let &(_, rms) = rms.iter().find(|(iter, _)| *iter == test.iter)?;
    Some((test, rms))
}

fn head(with_reference: bool) -> String {
    let head = format!("{:>9}  {:<22}", "iteration", "rms");
    if with_reference { format!("{head}  {:<22}  difference", "known") } else { head }
}

fn row(iter: u32, rms: f64, reference: Option<f64>) -> String {
    let row = format!("{iter:>9}  {rms:<22.17e}");
    match reference {
        Some(known) => format!("{row}  {}", beside(rms, known)),
        None => row,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::published::{LARGE, SMALL};

    #[test]
    fn residuals_are_wanted_every_hundred_and_at_the_end() {
        let monitor = Monitor::new(250, None, Precision::F64, Channel::Stderr);
        let wanted: Vec<_> = (1..=250).filter(|&iter| monitor.wants(iter)).collect();
        assert_eq!(wanted, [100, 200, 250]);
    }

    #[test]
    fn a_run_of_the_published_mesh_is_judged() {
        let judged = |rms: f64, precision| {
            let mut monitor = Monitor::new(1000, Some(&LARGE), precision, Channel::Stderr);
            monitor.record(900, 1.0);
            monitor.tick(1000);
            monitor.record(1000, rms);
            monitor.finish()
        };
        let published = 0.000_106_011_463_757_8;
        assert_eq!(
            judged(published, Precision::F64),
            (vec![(900, 1.0), (1000, published)], Some(true))
        );
        assert_eq!(judged(1.0600e-4, Precision::F64).1, Some(false));
        assert_eq!(judged(f64::NAN, Precision::F64).1, Some(false));
        assert_eq!(judged(published, Precision::F32).1, None);
    }

    #[test]
    fn other_runs_are_not_judged() {
        for (known, iter) in [(None, 1000), (Some(&SMALL), 1000), (Some(&LARGE), 900)] {
            let mut monitor = Monitor::new(iter, known, Precision::F64, Channel::Stderr);
            monitor.record(iter, 1e-4);
            assert_eq!(monitor.finish().1, None);
        }
    }

    #[test]
    fn the_table_shows_how_far_a_value_is_off() {
        assert!(row(100, 2.0e-4, Some(2.0e-4)).ends_with("2.00000000000000010e-4  none"));
        assert_eq!(row(7, 0.5, None), "        7  5.00000000000000000e-1");
    }
}

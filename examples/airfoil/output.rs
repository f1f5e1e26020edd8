//! What the program says: progress, residuals beside the known ones, and a report in JSON.

use std::fs;
use std::io;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::options::{JsonTarget, Precision};
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

/// Where the text goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    Stdout,
    /// For when standard output is to be nothing but JSON.
    Stderr,
}

impl Channel {
    /// The channel that leaves standard output to the JSON, if it goes there.
    pub(crate) fn beside(json: Option<&JsonTarget>) -> Self {
        if json == Some(&JsonTarget::Stdout) { Self::Stderr } else { Self::Stdout }
    }

    /// Writes a line.
    pub(crate) fn say(self, line: &str) {
        match self {
            Self::Stdout => println!("{line}"),
            Self::Stderr => eprintln!("{line}"),
        }
    }
}

impl Monitor {
    /// Begins to watch `iters` iterations; writes the head of the table.
    pub(crate) fn new(
        iters: u32,
        known: Option<&'static Published>,
        precision: Precision,
        channel: Channel,
    ) -> Self {
        // Nothing is drawn where standard error is no terminal.
        let bar = ProgressBar::new(u64::from(iters));
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} iterations, {eta} left");
        bar.set_style(style.expect("the template is valid"));
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
            self.channel.say(&sentence(test, rms));
        }
        (self.rms, verdict.map(|(test, rms)| test.passes(rms)))
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

fn sentence(test: &Test, rms: f64) -> String {
    let passed = if test.passes(rms) { "PASSED" } else { "FAILED" };
    let percent = 100.0 * rms / test.rms - 100.0;
    format!(
        "{passed}: rms is {percent:+.1e} % off the published {:e} (allowed: {} %)",
        test.rms, test.percent
    )
}

fn head(with_reference: bool) -> String {
    let head = format!("{:>9}  {:<22}", "iteration", "rms");
    if with_reference { format!("{head}  {:<22}  difference", "known") } else { head }
}

fn row(iter: u32, rms: f64, reference: Option<f64>) -> String {
    let row = format!("{iter:>9}  {rms:<22.17e}");
    match reference {
        Some(known) if known == rms => format!("{row}  {known:<22.17e}  none"),
        Some(known) => format!("{row}  {known:<22.17e}  {:+.1e}", rms / known - 1.0),
        None => row,
    }
}

/// What a run was and what it took.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    /// The file, or the size.
    pub(crate) mesh: String,
    pub(crate) cells: usize,
    pub(crate) backend: String,
    pub(crate) threads: usize,
    pub(crate) precision: Precision,
    pub(crate) iters: u32,
    /// `(iteration, rms)`.
    pub(crate) rms: Vec<(u32, f64)>,
    /// The time of all iterations, planning left out.
    pub(crate) elapsed: Duration,
    pub(crate) loops: Vec<LoopTime>,
    /// The bandwidth of a simple loop in the same run, where it was measured.
    pub(crate) triad_gb_per_s: Option<f64>,
    pub(crate) planning: Duration,
    /// Whether the published test passed; nothing where there is none.
    pub(crate) passed: Option<bool>,
}

/// What all calls of one loop took.
#[derive(Debug, Clone)]
pub(crate) struct LoopTime {
    pub(crate) name: String,
    pub(crate) calls: u64,
    pub(crate) seconds: f64,
    /// Useful traffic: every array and map entry counted once.
    pub(crate) gb_per_s: f64,
}

impl Report {
    /// Writes the report as JSON.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn write_json(&self, target: &JsonTarget) -> io::Result<()> {
        let text = format!("{:#}\n", self.json());
        match target {
            JsonTarget::Stdout => io::Write::write_all(&mut io::stdout(), text.as_bytes()),
            JsonTarget::File(path) => fs::write(path, text),
        }
    }

    fn json(&self) -> Value {
        json!({
            "app": "airfoil",
            "mesh": self.mesh,
            "cells": self.cells,
            "backend": self.backend,
            "threads": self.threads,
            "precision": self.precision.to_string(),
            "iters": self.iters,
            "rms": self.rms,
            "seconds": self.elapsed.as_secs_f64(),
            "loops": self.loops.iter().map(LoopTime::json).collect::<Vec<_>>(),
            "triad_gb_per_s": self.triad_gb_per_s,
            "plan_seconds": self.planning.as_secs_f64(),
            "passed": self.passed,
        })
    }
}

impl LoopTime {
    fn json(&self) -> Value {
        json!({
            "name": self.name,
            "calls": self.calls,
            "seconds": self.seconds,
            "gb_per_s": self.gb_per_s,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::published::{LARGE, SMALL};

    fn report() -> Report {
        Report {
            mesh: "60x90".to_owned(),
            cells: 16_200,
            backend: "seq".to_owned(),
            threads: 1,
            precision: Precision::F64,
            iters: 200,
            rms: SMALL.strict_rms[1..3].to_vec(),
            elapsed: Duration::from_millis(250),
            loops: vec![LoopTime {
                name: "res_calc".to_owned(),
                calls: 400,
                seconds: 0.125,
                gb_per_s: 12.5,
            }],
            triad_gb_per_s: None,
            planning: Duration::ZERO,
            passed: None,
        }
    }

    #[test]
    fn the_json_has_the_agreed_keys() {
        let json = report().json();
        let mut keys: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
        keys.sort_unstable();
        let expected = "app backend cells iters loops mesh passed plan_seconds precision rms \
                        seconds threads triad_gb_per_s";
        assert_eq!(keys, expected.split_whitespace().collect::<Vec<_>>());
        assert_eq!(json["rms"][0][0], 100);
        assert_eq!(json["loops"][0]["name"], "res_calc");
        assert_eq!(json["loops"][0].as_object().unwrap().len(), 4);
        assert_eq!(json["passed"], Value::Null);
        assert_eq!(Report { passed: Some(true), ..report() }.json()["passed"], true);
    }

    #[test]
    fn the_json_keeps_every_digit() {
        let text = report().json().to_string();
        let rms: f64 =
            text.split("[100,").nth(1).unwrap().split(']').next().unwrap().parse().unwrap();
        assert_eq!(rms.to_bits(), SMALL.rms(100).unwrap().to_bits());
    }

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
        assert!(row(100, 2.2e-4, Some(2.0e-4)).ends_with("+1.0e-1"));
        assert_eq!(row(7, 0.5, None), "        7  5.00000000000000000e-1");
    }

    #[test]
    fn text_leaves_standard_output_to_the_json() {
        assert_eq!(Channel::beside(Some(&JsonTarget::Stdout)), Channel::Stderr);
        assert_eq!(Channel::beside(Some(&JsonTarget::File("a".into()))), Channel::Stdout);
        assert_eq!(Channel::beside(None), Channel::Stdout);
    }
}

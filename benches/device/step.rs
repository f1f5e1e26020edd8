//! The loops of a step beside the ruler.

use std::time::Instant;

use crate::clock::{Clock, Loop, bytes_of_step, per_loop};
use crate::program::{Program, settle};
use crate::ruler::Ruler;
use crate::{Outcome, median};

/// Steps of a round, without a break between them.
const STEPS: u32 = 5;

/// What is measured in one round.
pub(crate) struct Round {
    /// Times of one step: of its loops as the device measures them, of all by the clock.
    pub(crate) step: Clock,
    /// Times by the clock, of loops each of which starts when all else is done.
    apart: Clock,
    /// 10^9 bytes per second.
    ruler: f64,
}

impl Round {
    pub(crate) fn run(program: &Program, ruler: &Ruler) -> Outcome<Self> {
        let Program { cx, flow, .. } = program;
        let ruler = ruler.gb_per_s()?;
        let mut apart = Clock::default();
        program.step_apart(&mut apart)?;
        cx.reset_report();
        let start = Instant::now();
        for _ in 0..STEPS {
            flow.step()?;
        }
        settle(cx)?;
        let step = start.elapsed().as_secs_f64();
        let each = |seconds: f64| seconds / f64::from(STEPS);
        let seconds = per_loop(cx, |counters| counters.seconds).map(each);
        Ok(Self { step: Clock { seconds, step: each(step) }, apart, ruler })
    }

    /// What part of the ruler's bandwidth it takes to move so many bytes in so many seconds, in percent.
    pub(crate) fn share(&self, bytes: f64, seconds: f64) -> f64 {
        100.0 * bytes / seconds / 1e9 / self.ruler
    }
}

/// Useful bytes of each loop in one step, counted in the round before.
pub(crate) fn bytes(program: &Program) -> [f64; Loop::COUNT] {
    bytes_of_step(&program.cx).map(|bytes| bytes / f64::from(STEPS))
}

/// Measures and prints the loops and the whole step.
pub(crate) fn print(program: &Program, ruler: &Ruler, rounds: usize) -> Outcome<()> {
    let rounds: Vec<_> = (0..rounds).map(|_| Round::run(program, ruler)).collect::<Outcome<_>>()?;
    let bytes = bytes(program);
    let copies = median(rounds.iter().map(|round| round.ruler));
    println!("\nOne step, medians of {} rounds; copies {copies:.1} GB/s", rounds.len());
    println!(
        "{:10} {:>8} {:>10} {:>8} {:>8} {:>6} {:>12}",
        "loop", "MB", "ms", "GB/s", "% copy", "goal", "ms, by clock"
    );
    let row = |name: &str, bytes: f64, goal: &str, seconds: &dyn Fn(&Round) -> f64, apart: &str| {
        let time = median(rounds.iter().map(seconds));
        let share = median(rounds.iter().map(|round| round.share(bytes, seconds(round))));
        println!(
            "{name:10} {:8.1} {:10.4} {:8.1} {share:8.1} {goal:>6} {apart:>12}",
            bytes / 1e6,
            time * 1e3,
            bytes / time / 1e9
        );
    };
    for which in Loop::ALL {
        let apart = median(rounds.iter().map(|round| round.apart.seconds[which as usize]));
        let apart = format!("{:.4}", apart * 1e3);
        let seconds = |round: &Round| round.step.seconds[which as usize];
        row(which.name(), bytes[which as usize], goal(which), &seconds, &apart);
    }
    let total = bytes.iter().sum();
    row("all loops", total, "", &|round| round.step.seconds.iter().sum(), "");
    row("step", total, "", &|round| round.step.step, "");
    println!(
        "ms: as the device measures its programs, of `step` by the clock. By clock: from the call until it is done."
    );
    Ok(())
}

/// What part of the ruler's bandwidth a loop shall reach, in percent.
fn goal(which: Loop) -> &'static str {
    match which {
        Loop::SaveSoln | Loop::Update => "90",
        Loop::ResCalc => "60",
        Loop::AdtCalc | Loop::BresCalc => "",
    }
}

//! The ways to keep elements apart that change the same cell, for `res_calc`.

use op2::RaceStrategy;

use crate::clock::Loop;
use crate::mesh::AirfoilMesh;
use crate::options::Options;
use crate::program::Program;
use crate::ruler::Ruler;
use crate::step::{self, Round};
use crate::{Outcome, median};

const WAYS: [RaceStrategy; 3] =
    [RaceStrategy::Staging, RaceStrategy::Coloring, RaceStrategy::Atomics];

/// Measures and prints all ways; they run in turn.
pub(crate) fn print(options: &Options, mesh: &AirfoilMesh, expected: &[f64]) -> Outcome<()> {
    let mut programs = Vec::new();
    for way in WAYS {
        let cx = options.builder()?.races_of(Loop::ResCalc.name(), way).build()?;
        let program = Program::new(cx, mesh.clone())?;
        program.first_steps(expected)?;
        programs.push(program);
    }
    let ruler = Ruler::new(&programs[0].cx, options.cells())?;
    let mut rounds: [Vec<Round>; WAYS.len()] = Default::default();
    for _ in 0..options.rounds {
        for (program, rounds) in programs.iter().zip(&mut rounds) {
            rounds.push(Round::run(program, &ruler)?);
        }
    }
    println!("\n`res_calc` in one step, medians of {} rounds in turn", options.rounds);
    println!("{:10} {:>10} {:>8} {:>8} {:>10}", "way", "ms", "GB/s", "% copy", "step, ms");
    for ((way, program), rounds) in WAYS.iter().zip(&programs).zip(&rounds) {
        let bytes = step::bytes(program)[Loop::ResCalc as usize];
        let seconds = |round: &Round| round.step.seconds[Loop::ResCalc as usize];
        let time = median(rounds.iter().map(seconds));
        println!(
            "{way:10} {:10.4} {:8.1} {:8.1} {:10.4}",
            time * 1e3,
            bytes / time / 1e9,
            median(rounds.iter().map(|round| round.share(bytes, seconds(round)))),
            median(rounds.iter().map(|round| round.step.step)) * 1e3
        );
    }
    println!("What was done:");
    for (way, program) in WAYS.iter().zip(&programs) {
        let counters = program.cx.engine().profile.snapshot();
        let done = counters.iter().find(|counters| counters.name == Loop::ResCalc.name());
        let done = done.and_then(|counters| counters.plan.as_deref());
        println!("{way:10} {}", done.unwrap_or("nothing is known"));
    }
    Ok(())
}

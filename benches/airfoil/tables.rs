//! The rounds of the benchmark as two small tables: one thread, and several.

use crate::clock::{Clock, Loop};
use crate::median::median;
use crate::{Round, THREADS};

/// A loop, or all of them.
struct Row<'a> {
    name: &'static str,
    bytes: f64,
    seconds: Box<dyn Fn(&Clock) -> f64 + 'a>,
}

/// Prints medians over the rounds; `bytes` are those of one step.
pub(crate) fn print(rounds: &[Round], bytes: &[f64; Loop::COUNT]) {
    let mut rows: Vec<Row<'_>> = Loop::ALL
        .into_iter()
        .map(|which| Row {
            name: which.name(),
            bytes: bytes[which as usize],
            seconds: Box::new(move |clock: &Clock| clock.seconds[which as usize]),
        })
        .collect();
    rows.push(Row {
        name: "step",
        bytes: bytes.iter().sum(),
        seconds: Box::new(|clock: &Clock| clock.step),
    });
    one_thread(rounds, &rows);
    several_threads(rounds, &rows);
}

fn one_thread(rounds: &[Round], rows: &[Row<'_>]) {
    let triad = median(rounds.iter().map(|round| round.triad[0]));
    println!("\nSeq, times of one step; triad {triad:.1} GB/s");
    println!(
        "{:10} {:>7} {:>8} {:>6} {:>8} | time of op2 over that of a loop by hand: {:>6} {:>7} {:>8}",
        "loop", "MB", "ms", "GB/s", "% triad", "staged", "scalar", "checked"
    );
    for Row { name, bytes, seconds } in rows {
        let over = |of: fn(&Round) -> &Clock| {
            median(rounds.iter().map(|round| seconds(&round.seq) / seconds(of(round))))
        };
        let time = median(rounds.iter().map(|round| seconds(&round.seq)));
        let share = rounds.iter().map(|round| bytes / seconds(&round.seq) / round.triad[0] / 1e9);
        println!(
            "{name:10} {:7.1} {:8.2} {:6.1} {:8.1} | {:42} {:6.3} {:7.3} {:8.3}",
            bytes / 1e6,
            time * 1e3,
            bytes / time / 1e9,
            100.0 * median(share),
            "",
            over(|round| &round.staged),
            over(|round| &round.scalar),
            over(|round| &round.checked),
        );
    }
}

fn several_threads(rounds: &[Round], rows: &[Row<'_>]) {
    let triad = median(rounds.iter().map(|round| round.triad[1]));
    println!("\nRayon on {THREADS} threads; triad {triad:.1} GB/s");
    println!(
        "{:10} {:>7} {:>8} {:>6} {:>8} {:>8}",
        "loop", "MB", "ms", "GB/s", "% triad", "speedup"
    );
    for Row { name, bytes, seconds } in rows {
        let time = median(rounds.iter().map(|round| seconds(&round.rayon)));
        let share = rounds.iter().map(|round| bytes / seconds(&round.rayon) / round.triad[1] / 1e9);
        println!(
            "{name:10} {:7.1} {:8.2} {:6.1} {:8.1} {:8.2}",
            bytes / 1e6,
            time * 1e3,
            bytes / time / 1e9,
            100.0 * median(share),
            median(rounds.iter().map(|round| seconds(&round.seq) / seconds(&round.rayon))),
        );
    }
}

//! The airfoil loops, in op2 and written by hand.
//!
//! `cargo bench --bench airfoil -- [I,J [ROUNDS]]`, by default the published mesh `400,600`.
//!
//! Everybody runs whole steps in turn, so that what else the machine does hits all alike; ratios
//! are medians over these rounds. The bandwidth of the memory is measured in each round as well.
//! `OP2_SIMD` chooses the instructions, for the loops by hand as well.

use std::process::ExitCode;

use op2::prelude::*;
use op2_core::base::triad::triad;

use clock::{Clock, Loop};
use flow::Flow;
use plain::{Gas, PlainAirfoil};

mod clock;
mod flow;
#[path = "../../examples/airfoil/kernels.rs"]
mod kernels;
#[path = "../../examples/airfoil/mesh.rs"]
#[allow(dead_code, unused_imports, reason = "the example uses more of it, and runs its tests")]
mod mesh;
#[allow(dead_code, unused_imports, reason = "the example runs its tests")]
mod plain;
#[cfg(test)]
#[path = "../../examples/airfoil/published.rs"]
#[allow(dead_code, unused_imports, reason = "the tests of `plain` refer to it")]
mod published;
mod staged;
mod tables;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let Some(options) = options(&arguments) else {
        eprintln!("usage: cargo bench --bench airfoil -- [I,J [ROUNDS]]");
        return ExitCode::from(2);
    };
    match run(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Size of the mesh and number of rounds.
struct Options {
    i: usize,
    j: usize,
    rounds: usize,
}

fn options(arguments: &[String]) -> Option<Options> {
    let mut options = Options { i: 400, j: 600, rounds: 21 };
    let mut arguments = arguments.iter();
    if let Some(size) = arguments.next() {
        let (i, j) = size.split_once(',')?;
        (options.i, options.j) = (i.parse().ok()?, j.parse().ok()?);
    }
    if let Some(rounds) = arguments.next() {
        options.rounds = rounds.parse().ok().filter(|&rounds| rounds > 0)?;
    }
    arguments.next().is_none().then_some(options)
}

/// What is measured in one round.
pub(crate) struct Round {
    pub(crate) seq: Clock,
    pub(crate) staged: Clock,
    pub(crate) scalar: Clock,
    pub(crate) checked: Clock,
    pub(crate) rayon: Clock,
    /// 10^9 bytes per second on one thread and on two.
    pub(crate) triad: [f64; 2],
}

fn run(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    let mesh = mesh::AirfoilMesh::generate(options.i, options.j)?;
    let build = |backend| Context::builder_from_env()?.backend(backend).threads(THREADS).build();
    let seq = Flow::new(build(Backend::Seq)?, &mesh)?;
    let rayon = Flow::new(build(Backend::Rayon)?, &mesh)?;
    let mut plain = PlainAirfoil::new(&mesh);
    let bytes = first_steps(&seq, &rayon, &mut plain)?;
    let rounds = (0..options.rounds)
        .map(|index| round(index, &seq, &rayon, &mut plain))
        .collect::<Result<Vec<_>, _>>()?;
    println!(
        "{} cells, {} edges, {} rounds, {}",
        mesh.cell_nodes.len(),
        mesh.edge_nodes.len(),
        rounds.len(),
        seq.cx.simd()
    );
    tables::print(&rounds, &bytes);
    Ok(())
}

/// Threads of the parallel program.
pub(crate) const THREADS: usize = 2;

/// Warms up, makes plans, and sees that all compute the same.
fn first_steps(
    seq: &Flow,
    rayon: &Flow,
    plain: &mut PlainAirfoil<'_>,
) -> Result<[f64; Loop::COUNT], Box<dyn std::error::Error>> {
    let clock = &mut Clock::new();
    let expected = [plain.step::<true>(), plain.step::<false>()];
    let of_seq = [seq.step(clock)?, staged::step(seq, &Gas::benchmark(), clock)?];
    let of_rayon = [rayon.step(clock)?, rayon.step(clock)?];
    for (found, expected) in of_seq.iter().chain(&of_rayon).zip(expected.iter().cycle()) {
        if (found / expected - 1.0).abs() > 1e-11 {
            return Err(format!("rms {found:e}, but the plain program has {expected:e}").into());
        }
    }
    Ok(seq.bytes_per_step()?)
}

/// Each contender once; every other round in the opposite sequence.
fn round(
    index: usize,
    seq: &Flow,
    rayon: &Flow,
    plain: &mut PlainAirfoil<'_>,
) -> Result<Round, Box<dyn std::error::Error>> {
    let gas = Gas::benchmark();
    let [mut of_seq, mut of_staged, mut of_rayon] = [Clock::new(); 3];
    let triad = [triad(1)?.gb_per_s, triad(THREADS)?.gb_per_s];
    if index.is_multiple_of(2) {
        seq.step(&mut of_seq)?;
        staged::step(seq, &gas, &mut of_staged)?;
    } else {
        staged::step(seq, &gas, &mut of_staged)?;
        seq.step(&mut of_seq)?;
    }
    rayon.cx.run(|| rayon.step(&mut of_rayon))?;
    let scalar = plain_step::<false>(plain);
    let checked = plain_step::<true>(plain);
    Ok(Round { seq: of_seq, staged: of_staged, scalar, checked, rayon: of_rayon, triad })
}

fn plain_step<const CHECKED: bool>(plain: &mut PlainAirfoil<'_>) -> Clock {
    let mut clock = Clock::new();
    clock.time(Loop::SaveSoln, || plain.save_soln());
    for _stage in 0..2 {
        clock.time(Loop::AdtCalc, || plain.adt_calc::<CHECKED>());
        clock.time(Loop::ResCalc, || plain.res_calc::<CHECKED>());
        clock.time(Loop::BresCalc, || plain.bres_calc::<CHECKED>());
        std::hint::black_box(clock.time(Loop::Update, || plain.update()));
    }
    clock
}

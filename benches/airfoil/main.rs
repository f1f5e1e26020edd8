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

use clock::{Clock, Loop, bytes_of_step};
use command_line::Options;
use flow::Flow;
use mesh::AirfoilMesh;
use plain::PlainAirfoil;

mod clock;
#[path = "../shared/command_line.rs"]
mod command_line;
#[cfg(test)]
#[path = "../../examples/common/mod.rs"]
mod common;
#[path = "../../examples/airfoil/flow.rs"]
#[allow(dead_code, reason = "the example uses more of it")]
mod flow;
#[path = "../../examples/airfoil/kernels.rs"]
mod kernels;
#[path = "../shared/median.rs"]
mod median;
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
    command_line::main("airfoil", 21, run)
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

fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    let mesh = AirfoilMesh::generate(options.i, options.j)?;
    let mut contenders = Contenders::new(&mesh)?;
    contenders.first_steps()?;
    let bytes = bytes_of_step(&contenders.seq.0);
    let rounds = (0..options.rounds).map(|_| contenders.round()).collect::<Result<Vec<_>, _>>()?;
    println!(
        "{} cells, {} edges, {} rounds, {}",
        mesh.cell_nodes.len(),
        mesh.edge_nodes.len(),
        rounds.len(),
        contenders.seq.0.simd()
    );
    tables::print(&rounds, &bytes);
    Ok(())
}

/// Threads of the parallel program.
pub(crate) const THREADS: usize = 2;

/// The programs: op2 on one thread and on several, and plain Rust. The loops staged by hand work on
/// the arrays of the first.
struct Contenders<'m> {
    seq: (Context, Flow<f64>),
    rayon: (Context, Flow<f64>),
    plain: PlainAirfoil<'m>,
}

impl<'m> Contenders<'m> {
    fn new(mesh: &'m AirfoilMesh) -> op2::Result<Self> {
        let program = |backend| -> op2::Result<(Context, Flow<f64>)> {
            let cx = Context::builder_from_env()?.backend(backend).threads(THREADS).build()?;
            let flow = Flow::declare(&cx, mesh.clone())?;
            Ok((cx, flow))
        };
        let (seq, rayon) = (program(Backend::Seq)?, program(Backend::Rayon)?);
        Ok(Self { seq, rayon, plain: PlainAirfoil::new(mesh) })
    }

    /// Warms up, makes plans, and sees that all compute the same.
    fn first_steps(&mut self) -> Result<(), Box<dyn std::error::Error>> {
        let (cx, flow) = &self.seq;
        let expected = [self.plain.step::<true>(), self.plain.step::<false>()];
        let by_hand = staged::step(flow, cx.simd(), &mut Clock::default())?;
        let of_rayon = [self.rayon.1.step()?, self.rayon.1.step()?];
        let found = [[by_hand, flow.step()?], of_rayon];
        for (found, expected) in found.as_flattened().iter().zip(expected.iter().cycle()) {
            if (found / expected - 1.0).abs() > 1e-11 {
                return Err(format!("rms {found:e}, but plain Rust has {expected:e}").into());
            }
        }
        Ok(())
    }

    /// Each program once; those that share arrays twice, in mirrored sequence: the first of the two
    /// finds the caches full of something else.
    fn round(&mut self) -> Result<Round, Box<dyn std::error::Error>> {
        let triad = [triad(1)?.gb_per_s, triad(THREADS)?.gb_per_s];
        let (cx, flow) = &self.seq;
        let mut staged = Clock::default();
        staged::step(flow, cx.simd(), &mut staged)?;
        let seq = Clock::of_step(cx, flow)?.plus(Clock::of_step(cx, flow)?).halved();
        staged::step(flow, cx.simd(), &mut staged)?;
        let (cx, flow) = &self.rayon;
        let rayon = cx.run(|| Clock::of_step(cx, flow))?;
        let scalar = plain_step::<false>(&mut self.plain);
        let checked = plain_step::<true>(&mut self.plain);
        Ok(Round { seq, staged: staged.halved(), scalar, checked, rayon, triad })
    }
}

fn plain_step<const CHECKED: bool>(plain: &mut PlainAirfoil<'_>) -> Clock {
    let mut clock = Clock::default();
    clock.time(Loop::SaveSoln, || plain.save_soln());
    for _stage in 0..2 {
        clock.time(Loop::AdtCalc, || plain.adt_calc::<CHECKED>());
        clock.time(Loop::ResCalc, || plain.res_calc::<CHECKED>());
        clock.time(Loop::BresCalc, || plain.bres_calc::<CHECKED>());
        std::hint::black_box(clock.time(Loop::Update, || plain.update()));
    }
    clock
}

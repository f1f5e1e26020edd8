//! An iteration of aero's conjugate gradients, in op2 and in plain Rust.
//!
//! `cargo bench --bench aero -- [I,J [ROUNDS]]`, by default the published mesh `400,600`.
//!
//! Everybody iterates in turn, so that what else the machine does hits all alike; ratios are medians
//! over these rounds. The plain program does the same by ordinary loops, one cell or node at a time,
//! on its own arrays and without bounds checks.

use std::process::ExitCode;
use std::time::Instant;

use op2::prelude::*;
use op2_core::base::triad::triad;

use command_line::Options;
use flow::Flow;
use median::median;
use mesh::AeroMesh;
use stiffness::Form;

#[path = "shared/command_line.rs"]
mod command_line;
#[path = "../examples/aero/flow.rs"]
#[allow(dead_code, reason = "the example uses more of it")]
mod flow;
#[path = "../examples/aero/kernels.rs"]
#[allow(dead_code, reason = "the example uses more of it")]
mod kernels;
#[path = "shared/median.rs"]
mod median;
#[path = "../examples/aero/mesh.rs"]
#[allow(dead_code, unused_imports, reason = "the example uses more of it, and runs its tests")]
mod mesh;
#[path = "../examples/aero/stiffness.rs"]
#[allow(dead_code, reason = "the example uses more of it")]
mod stiffness;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Threads of the parallel program.
const THREADS: usize = 2;
/// Iterations of one program in a round.
const ITERATIONS: u32 = 10;
/// The loops of an iteration; `hold` is too short to be told apart.
const LOOPS: [&str; 3] = ["multiply", "reduce", "advance"];

fn main() -> ExitCode {
    command_line::main("aero", 15, run)
}

/// Seconds of one iteration: of the loops, and of all.
#[derive(Clone, Copy, Default)]
struct Clock {
    loops: [f64; LOOPS.len()],
    iteration: f64,
}

impl Clock {
    /// A row of the table; the last one is the iteration.
    fn row(&self, row: usize) -> f64 {
        self.loops.get(row).copied().unwrap_or(self.iteration)
    }
}

struct Round {
    seq: Clock,
    rayon: Clock,
    plain: Clock,
    /// Seconds of an iteration with a sparse matrix, on one thread and on several.
    assembled: [f64; 2],
    /// 10^9 bytes per second on one thread and on several.
    triad: [f64; 2],
}

fn run(options: &Options) -> Outcome<()> {
    let mesh = AeroMesh::generate(options.i, options.j)?;
    let program = |backend, form| Program::new(backend, form, &mesh);
    let mut programs = [
        program(Backend::Seq, Form::MatrixFree)?,
        program(Backend::Rayon, Form::MatrixFree)?,
        program(Backend::Seq, Form::Assembled)?,
        program(Backend::Rayon, Form::Assembled)?,
    ];
    let mut plain = Plain::new(&mesh);
    first_iterations(&mut programs, &mut plain)?;
    let [seq, rayon, assembled @ ..] = &mut programs;
    let bytes = seq.bytes()?;
    let round = |_| -> Outcome<Round> {
        let triad = [triad(1)?.gb_per_s, triad(THREADS)?.gb_per_s];
        let (seq, rayon) = (seq.clock()?, rayon.clock()?);
        let [one, several] = assembled;
        let assembled = [one.clock()?.iteration, several.clock()?.iteration];
        Ok(Round { seq, rayon, plain: plain.clock(), assembled, triad })
    };
    let rounds = (0..options.rounds).map(round).collect::<Outcome<Vec<_>>>()?;
    println!("{} cells, {} rounds; one iteration", mesh.num_cells(), rounds.len());
    print(&rounds, &bytes);
    Ok(())
}

/// Warms up, makes plans, and sees that all compute the same.
fn first_iterations(programs: &mut [Program], plain: &mut Plain<'_>) -> Outcome<()> {
    for _ in 0..3 {
        let expected = plain.iterate(&mut Clock::default());
        for program in &mut *programs {
            let found = program.iterate()?;
            if (found / expected - 1.0).abs() > 1e-10 {
                return Err(format!("residual {found:e}, but plain Rust has {expected:e}").into());
            }
        }
    }
    Ok(())
}

/// The table of the loops, and a line on the other form of the matrix.
fn print(rounds: &[Round], bytes: &[f64; LOOPS.len() + 1]) {
    let triad = [0, 1].map(|k| median(rounds.iter().map(|round| round.triad[k])));
    println!("triad {:.1} GB/s on 1 thread, {:.1} on {THREADS}", triad[0], triad[1]);
    println!(
        "{:10} {:>7} | {:>6} {:>6} {:>8} {:>8} | {:>6} {:>6} {:>8} {:>8}",
        "loop", "MB", "1: ms", "GB/s", "% triad", "/ plain", "2: ms", "GB/s", "% triad", "speedup"
    );
    for (row, bytes) in bytes.iter().enumerate() {
        let of = |time: &dyn Fn(&Round) -> f64| median(rounds.iter().map(time));
        let (seq, rayon) = (of(&|round| round.seq.row(row)), of(&|round| round.rayon.row(row)));
        println!(
            "{:10} {:7.1} | {:6.2} {:6.1} {:8.1} {:8.3} | {:6.2} {:6.1} {:8.1} {:8.2}",
            LOOPS.get(row).unwrap_or(&"iteration"),
            bytes / 1e6,
            seq * 1e3,
            bytes / seq / 1e9,
            of(&|round| bytes / round.seq.row(row) / round.triad[0] / 1e7),
            of(&|round| round.seq.row(row) / round.plain.row(row)),
            rayon * 1e3,
            bytes / rayon / 1e9,
            of(&|round| bytes / round.rayon.row(row) / round.triad[1] / 1e7),
            of(&|round| round.seq.row(row) / round.rayon.row(row)),
        );
    }
    let of = |time: &dyn Fn(&Round) -> f64| median(rounds.iter().map(time));
    println!(
        "with a sparse matrix: {:.2} ms, {:.2} on {THREADS} threads; {:.2} and {:.2} times as long",
        1e3 * of(&|round| round.assembled[0]),
        1e3 * of(&|round| round.assembled[1]),
        of(&|round| round.assembled[0] / round.seq.iteration),
        of(&|round| round.assembled[1] / round.rayon.iteration),
    );
}

/// The program in op2, set out on its first system.
struct Program {
    cx: Context,
    flow: Flow,
    square: f64,
}

impl Program {
    fn new(backend: Backend, form: Form, mesh: &AeroMesh) -> op2::Result<Self> {
        let cx = Context::builder_from_env()?.backend(backend).threads(THREADS).build()?;
        let flow = Flow::declare(&cx, mesh.clone(), form)?;
        flow.linearize()?;
        let square = flow.begin()?;
        Ok(Self { cx, flow, square })
    }

    fn iterate(&mut self) -> op2::Result<f64> {
        self.square = self.flow.iterate(self.square)?;
        Ok(self.square)
    }

    /// Times some iterations. The loops are as the library times them.
    fn clock(&mut self) -> op2::Result<Clock> {
        let cx = self.cx.clone();
        cx.reset_report();
        let start = Instant::now();
        cx.run(|| (0..ITERATIONS).try_for_each(|_| self.iterate().map(drop)))?;
        let iteration = start.elapsed().as_secs_f64() / f64::from(ITERATIONS);
        let seconds = self.per_loop(|counters| counters.seconds);
        Ok(Clock { loops: seconds.map(|seconds| seconds / f64::from(ITERATIONS)), iteration })
    }

    /// What each loop must move, and all of them, in one iteration.
    fn bytes(&mut self) -> op2::Result<[f64; LOOPS.len() + 1]> {
        self.cx.reset_report();
        self.iterate()?;
        let [multiply, reduce, advance] = self.per_loop(|counters| counters.bytes as f64);
        Ok([multiply, reduce, advance, multiply + reduce + advance])
    }

    fn per_loop(
        &self,
        count: impl Fn(&op2_core::base::profile::LoopCounters) -> f64,
    ) -> [f64; LOOPS.len()] {
        let counters = self.cx.engine().profile.snapshot();
        LOOPS.map(|name| counters.iter().filter(|counters| counters.name == name).map(&count).sum())
    }
}

/// The same program on plain arrays.
struct Plain<'m> {
    mesh: &'m AeroMesh,
    bonds: Vec<[f64; 6]>,
    r: Vec<f64>,
    p: Vec<f64>,
    kp: Vec<f64>,
    correction: Vec<f64>,
    square: f64,
}

impl<'m> Plain<'m> {
    /// # Panics
    /// When a cell names a node that is not there; the loops without checks rely on this.
    fn new(mesh: &'m AeroMesh) -> Self {
        let num_nodes = mesh.coords.len();
        assert!(mesh.cell_nodes.as_flattened().iter().all(|&node| (node as usize) < num_nodes));
        let mut r = vec![0.0; num_nodes];
        let mut bonds = vec![[0.0; 6]; mesh.num_cells()];
        for (nodes, bonds) in mesh.cell_nodes.iter().zip(&mut bonds) {
            let x = nodes.map(|node| mesh.coords[node as usize]);
            let mut sum = [0.0; 4];
            kernels::linearize(&x, &x.map(|x| kernels::MACH.get() * x[0]), bonds, &mut sum);
            for (&node, sum) in nodes.iter().zip(sum) {
                r[node as usize] += sum;
            }
        }
        mesh.far_field.iter().for_each(|&node| r[node as usize] = 0.0);
        let square = r.iter().map(|r| r * r).sum();
        let zeros = vec![0.0; num_nodes];
        Self { mesh, bonds, p: r.clone(), r, kp: zeros.clone(), correction: zeros, square }
    }

    fn iterate(&mut self, clock: &mut Clock) -> f64 {
        let energy = timed(&mut clock.loops[0], || self.multiply());
        self.mesh.far_field.iter().for_each(|&node| self.kp[node as usize] = 0.0);
        let alpha = self.square / energy;
        let reduced = timed(&mut clock.loops[1], || {
            let mut square = 0.0;
            for (kp, r) in self.kp.iter_mut().zip(&mut self.r) {
                *r -= alpha * *kp;
                *kp = 0.0;
                square += *r * *r;
            }
            square
        });
        let beta = reduced / self.square;
        timed(&mut clock.loops[2], || {
            for ((r, p), correction) in self.r.iter().zip(&mut self.p).zip(&mut self.correction) {
                *correction += alpha * *p;
                *p = *r + beta * *p;
            }
        });
        self.square = reduced;
        reduced
    }

    fn multiply(&mut self) -> f64 {
        let mut energy = 0.0;
        for (nodes, bonds) in self.mesh.cell_nodes.iter().zip(&self.bonds) {
            let nodes = nodes.map(|node| node as usize);
            // SAFETY: `new` has seen to it that each node is within the arrays, which have one
            // value per node.
            let p = nodes.map(|node| unsafe { *self.p.get_unchecked(node) });
            let (d01, d02, d03) = (p[1] - p[0], p[2] - p[0], p[3] - p[0]);
            let (d12, d13, d23) = (p[2] - p[1], p[3] - p[1], p[3] - p[2]);
            let (f01, f02, f03) = (bonds[0] * d01, bonds[1] * d02, bonds[2] * d03);
            let (f12, f13, f23) = (bonds[3] * d12, bonds[4] * d13, bonds[5] * d23);
            energy -= f01 * d01 + f02 * d02 + f03 * d03 + f12 * d12 + f13 * d13 + f23 * d23;
            let sum = [f01 + f02 + f03, f12 + f13 - f01, f23 - f02 - f12, -(f03 + f13 + f23)];
            for (node, sum) in nodes.into_iter().zip(sum) {
                // SAFETY: as above.
                unsafe { *self.kp.get_unchecked_mut(node) += sum };
            }
        }
        energy
    }

    fn clock(&mut self) -> Clock {
        let mut clock = Clock::default();
        let start = Instant::now();
        for _ in 0..ITERATIONS {
            std::hint::black_box(self.iterate(&mut clock));
        }
        clock.iteration = start.elapsed().as_secs_f64() / f64::from(ITERATIONS);
        clock.loops = clock.loops.map(|seconds| seconds / f64::from(ITERATIONS));
        clock
    }
}

fn timed<R>(seconds: &mut f64, work: impl FnOnce() -> R) -> R {
    let start = Instant::now();
    let result = work();
    *seconds += start.elapsed().as_secs_f64();
    result
}

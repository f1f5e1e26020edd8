//! Two ranks beside two threads: steps of the airfoil, and what its exchanges cost alone.
//!
//! `cargo bench --bench ranks -- [I,J [ROUNDS]]`, by default the published mesh `400,600` and 21.
//!
//! Ranks are threads of this process, with one thread each. All contenders make steps in turn, in every
//! other round in the opposite sequence, so that what else the machine does hits all alike; ratios are
//! medians over the rounds.
//!
//! A step sends the same halo values twice. *Alone* they travel for a loop that runs over nothing but the
//! edges that need them, after a loop over no cell at all that makes them stale: nothing is there to be
//! done meanwhile. The counters of [`op2::Traffic`] say for both how long ranks waited, so
//! that `1 - waited in a step / waited alone` is the share of the waiting that the overlap has spared. A
//! rank that is ahead also waits for the other to send at all, which no overlap can spare; so the
//! waiting compared is that of the rank that has waited least. Unpacking counts as waiting in both.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use op2::comm::Comm;
use op2::prelude::*;
use op2::{ContextBuilder, Traffic};

use command_line::Options;
use flow::{Cells, Edges, Flow};
use median::median;
use mesh::AirfoilMesh;

#[path = "shared/command_line.rs"]
mod command_line;
#[cfg(test)]
#[path = "../examples/common/mod.rs"]
mod common;
#[path = "../examples/airfoil/flow.rs"]
#[allow(dead_code, reason = "the example uses more of it")]
mod flow;
#[path = "../examples/airfoil/kernels.rs"]
mod kernels;
#[path = "shared/median.rs"]
mod median;
#[path = "../examples/airfoil/mesh.rs"]
#[allow(dead_code, unused_imports, reason = "the example uses more of it, and runs its tests")]
mod mesh;

const RANKS: usize = 2;
/// Times that halo values travel in a step: once in each stage.
const EXCHANGES: u32 = 2;
/// Exchanges one after the other, so that ranks wait for messages and not for each other's start.
const IN_A_ROW: u32 = 50;

fn main() -> ExitCode {
    command_line::main("ranks", 21, run)
}

fn run(options: &Options) -> op2::Result<()> {
    let mesh = AirfoilMesh::generate(options.i, options.j).map_err(op2::Error::other)?;
    let rounds = op2::ranks(RANKS, |comm| {
        let contenders = Contenders::new(&mesh, &comm)?;
        contenders.first_steps()?;
        (0..options.rounds).map(|number| contenders.round(number)).collect::<op2::Result<Vec<_>>>()
    })?;
    println!(
        "{} cells, {} edges, {} rounds",
        mesh.cell_nodes.len(),
        mesh.edge_nodes.len(),
        options.rounds
    );
    print(&rounds);
    Ok(())
}

/// One program: its context and its mesh.
struct Program {
    cx: Context,
    flow: Flow<f64>,
}

impl Program {
    fn new(builder: ContextBuilder, mesh: &AirfoilMesh) -> op2::Result<Self> {
        let cx = builder.build()?;
        let flow = Flow::declare(&cx, mesh.clone())?;
        cx.partition(&Partition::rcb_of(&flow.cell_nodes, &flow.x))?;
        Ok(Self { cx, flow })
    }

    /// Seconds of a step.
    fn step(&self) -> op2::Result<f64> {
        let start = Instant::now();
        std::hint::black_box(self.cx.run(|| self.flow.step())?);
        Ok(start.elapsed().as_secs_f64())
    }
}

/// What a rank runs. The programs of one rank belong to rank 0; the other waits meanwhile, asleep.
struct Contenders {
    comm: Arc<dyn Comm>,
    one_rank: Option<OneRank>,
    ranks: Program,
    reproducible: Program,
    alone: Alone,
}

struct OneRank {
    seq: Program,
    rayon: Program,
}

/// What is measured in one round, on one rank.
#[derive(Default)]
struct Round {
    seq: f64,
    rayon: f64,
    ranks: f64,
    reproducible: f64,
    in_step: Exchanges,
    alone: Exchanges,
}

/// What one exchange costs.
#[derive(Default)]
struct Exchanges {
    /// Seconds that a rank waited.
    waited: f64,
    /// Of the time from sending to having, the share in which something was done.
    at_work: f64,
    /// Packing, sending, waiting and unpacking together; known of exchanges alone.
    whole: f64,
}

impl Contenders {
    fn new(mesh: &AirfoilMesh, comm: &Arc<dyn Comm>) -> op2::Result<Self> {
        let builder = Context::builder_from_env;
        let one_rank = || {
            let seq = Program::new(builder()?.backend(Backend::Seq), mesh)?;
            let rayon = Program::new(builder()?.backend(Backend::Rayon).threads(RANKS), mesh)?;
            Ok::<_, op2::Error>(OneRank { seq, rayon })
        };
        let on_ranks = builder()?.backend(Backend::Seq).comm(comm.clone());
        let ranks = Program::new(on_ranks.clone(), mesh)?;
        Ok(Self {
            comm: comm.clone(),
            one_rank: (comm.rank() == 0).then(one_rank).transpose()?,
            reproducible: Program::new(on_ranks.reproducible(true), mesh)?,
            alone: Alone::new(&ranks, mesh)?,
            ranks,
        })
    }

    /// Warms up, makes plans, and sees that all compute the same, and that the exchanges measured alone are
    /// those of a step.
    fn first_steps(&self) -> op2::Result<()> {
        let mut found = Vec::new();
        let one_rank = self.one_rank.iter().flat_map(|one| [&one.seq, &one.rayon]);
        for program in one_rank.chain([&self.ranks, &self.reproducible]) {
            found.push([program.flow.step()?, program.flow.step()?]);
        }
        for rms in &found {
            let apart = rms.iter().zip(&found[0]).map(|(a, b)| (a / b - 1.0).abs());
            if apart.fold(0.0, f64::max) > 1e-11 {
                return Err(op2::Error::other(format!("rms {rms:?}, but also {:?}", found[0])));
            }
        }
        self.alone.turn(&self.ranks)?;
        self.alone.make_stale(&self.ranks.flow)?;
        let (_, step) = self.counted(|| self.ranks.flow.step())?;
        let ((), alone) = self.counted(|| self.alone.turn(&self.ranks))?;
        let sent = |traffic: Traffic| (traffic.messages, traffic.bytes, traffic.exchanges);
        let of_step = (
            u64::from(EXCHANGES) * alone.messages,
            u64::from(EXCHANGES) * alone.bytes,
            u64::from(EXCHANGES),
        );
        if sent(step) == of_step && alone.exchanges == 1 {
            return Ok(());
        }
        Err(op2::Error::other(format!("a step sends {step:?}, a loop alone {alone:?}")))
    }

    /// Each program once.
    fn round(&self, number: usize) -> op2::Result<Round> {
        let mut round = Round::default();
        let mut turns: [fn(&Self, &mut Round) -> op2::Result<()>; 5] = [
            |all, round| {
                round.seq = all.one_rank.as_ref().map_or(Ok(0.0), |one| one.seq.step())?;
                Ok(())
            },
            |all, round| {
                round.rayon = all.one_rank.as_ref().map_or(Ok(0.0), |one| one.rayon.step())?;
                Ok(())
            },
            |all, round| {
                // What was exchanged alone is fresh.
                all.alone.make_stale(&all.ranks.flow)?;
                let (seconds, traffic) = all.counted(|| all.ranks.step())?;
                round.ranks = seconds;
                round.in_step = Exchanges::of(traffic);
                Ok(())
            },
            |all, round| {
                round.reproducible = all.reproducible.step()?;
                Ok(())
            },
            |all, round| {
                round.alone = all.exchanges_alone()?;
                Ok(())
            },
        ];
        if number % 2 == 1 {
            turns.reverse();
        }
        for turn in turns {
            self.meet()?;
            turn(self, &mut round)?;
        }
        Ok(round)
    }

    /// Waits for the other rank.
    fn meet(&self) -> op2::Result<()> {
        self.comm.all_gather(&[]).map(drop)
    }

    /// What is exchanged while something is done.
    fn counted<R>(&self, done: impl FnOnce() -> op2::Result<R>) -> op2::Result<(R, Traffic)> {
        self.ranks.cx.reset_report();
        Ok((done()?, self.ranks.cx.traffic()))
    }

    fn exchanges_alone(&self) -> op2::Result<Exchanges> {
        let many = |turn: &dyn Fn() -> op2::Result<()>| {
            self.meet()?;
            let start = Instant::now();
            (0..IN_A_ROW).try_for_each(|_| turn())?;
            Ok::<f64, op2::Error>(start.elapsed().as_secs_f64() / f64::from(IN_A_ROW))
        };
        self.alone.turn(&self.ranks)?;
        let fresh = many(&|| self.alone.turn_without(&self.ranks))?;
        let (stale, traffic) = self.counted(|| many(&|| self.alone.turn(&self.ranks)))?;
        Ok(Exchanges { whole: stale - fresh, ..Exchanges::of(traffic) })
    }
}

impl Exchanges {
    fn of(traffic: Traffic) -> Self {
        Self {
            waited: traffic.waited_ns as f64 * 1e-9 / traffic.exchanges as f64,
            at_work: traffic.hidden().unwrap_or(f64::NAN),
            whole: f64::NAN,
        }
    }
}

/// Exchanges of a step with nothing to do meanwhile.
struct Alone {
    no_cell: Subset<Cells>,
    /// The edges with cells of both ranks.
    cut: Subset<Edges>,
    unread: [Dat<Cells, f64>; 2],
}

#[op2::kernel]
fn touch(q: &mut [f64; 4], adt: &mut f64) {
    q[0] += 0.0;
    *adt += 0.0;
}

#[op2::kernel]
fn touch_one(x: &mut f64) {
    *x += 0.0;
}

#[op2::kernel]
fn look(
    q: &[f64; 4],
    other_q: &[f64; 4],
    adt: &f64,
    other_adt: &f64,
    left: Inc<f64>,
    right: Inc<f64>,
) {
    *left += q[0] * *adt;
    *right += other_q[0] * *other_adt;
}

impl Alone {
    fn new(Program { cx, flow }: &Program, mesh: &AirfoilMesh) -> op2::Result<Self> {
        let mut is_owned = vec![false; flow.cells.size()];
        flow.cells.owned().iter().for_each(|&cell| is_owned[cell as usize] = true);
        let is_cut = |[a, b]: [u32; 2]| is_owned[a as usize] != is_owned[b as usize];
        let edges = (0..).zip(&mesh.edge_cells).filter(|(_, cells)| is_cut(**cells));
        let edges: Vec<u32> = edges.map(|(edge, _)| edge).collect();
        Ok(Self {
            no_cell: cx.subset("no_cell", &flow.cells, [])?,
            cut: cx.subset("cut", &flow.edges, edges)?,
            unread: [cx.dat_zeros("sums", &flow.cells)?, cx.dat_zeros("other", &flow.cells)?],
        })
    }

    /// What a step sends in one of its stages.
    fn turn(&self, program: &Program) -> op2::Result<()> {
        self.make_stale(&program.flow)?;
        self.look(&program.flow)
    }

    fn make_stale(&self, flow: &Flow<f64>) -> op2::Result<()> {
        par_loop!(touch, self.no_cell, flow.q(Rw), flow.adt(Rw))
    }

    /// The same loops, with nothing to send.
    fn turn_without(&self, program: &Program) -> op2::Result<()> {
        par_loop!(touch_one, self.no_cell, self.unread[1](Rw))?;
        self.look(&program.flow)
    }

    fn look(&self, Flow { q, adt, edge_cells, .. }: &Flow<f64>) -> op2::Result<()> {
        let sums = &self.unread[0];
        par_loop!(
            look,
            self.cut,
            q(Read, edge_cells[0]),
            q(Read, edge_cells[1]),
            adt(Read, edge_cells[0]),
            adt(Read, edge_cells[1]),
            sums(Inc, edge_cells[0]),
            sums(Inc, edge_cells[1])
        )
    }
}

/// A number of a round.
type Of = fn(&Round) -> f64;

/// Prints medians over the rounds of all ranks.
fn print(ranks: &[Vec<Round>]) {
    let rounds = || 0..ranks[0].len();
    // A step is over when the last rank has ended it.
    let longest =
        |of: Of, at: usize| ranks.iter().map(|rounds| of(&rounds[at])).fold(0.0, f64::max);
    let mean = |of: Of, at: usize| {
        ranks.iter().map(|rounds| of(&rounds[at])).sum::<f64>() / ranks.len() as f64
    };
    let least = |of: Of, at: usize| {
        ranks.iter().map(|rounds| of(&rounds[at])).fold(f64::INFINITY, f64::min)
    };
    println!("\n{:<42}{:>10}", "a step on", "ms");
    let contenders: [(&str, Of); 4] = [
        ("one thread (Seq)", |round| round.seq),
        ("two threads (Rayon)", |round| round.rayon),
        ("two ranks of one thread", |round| round.ranks),
        ("the same, reproducible", |round| round.reproducible),
    ];
    for (name, of) in contenders {
        println!("{name:<42}{:>10.3}", 1e3 * median(rounds().map(|at| longest(of, at))));
    }
    println!("\n{:<42}{:>10}", "time of a step over that of another", "ratio");
    let [seq, rayon, ranks, reproducible] = contenders.map(|(_, of)| of);
    let ratios = [
        ("two ranks / two threads", ranks, rayon),
        ("two ranks / one thread", ranks, seq),
        ("reproducible / not, on two ranks", reproducible, ranks),
    ];
    for (name, a, b) in ratios {
        let ratio = median(rounds().map(|at| longest(a, at) / longest(b, at)));
        println!("{name:<42}{ratio:>10.3}");
    }
    println!("\n{:<42}{:>10}{:>10}", "an exchange of halo values, µs", "mean", "least");
    let times: [(&str, Of); 3] = [
        ("alone: packed, sent, waited for, unpacked", |round| round.alone.whole),
        ("alone: waited for and unpacked", |round| round.alone.waited),
        ("in a step: waited for and unpacked", |round| round.in_step.waited),
    ];
    for (name, of) in times {
        let mean = median(rounds().map(|at| mean(of, at)));
        let least = median(rounds().map(|at| least(of, at)));
        println!("{name:<42}{:>10.2}{:>10.2}", 1e6 * mean, 1e6 * least);
    }
    println!("\n{:<42}{:>10}", "of an exchange in a step", "%");
    let [_, (_, alone), (_, in_step)] = times;
    let spared = rounds().map(|at| 1.0 - least(in_step, at) / least(alone, at));
    println!("{:<42}{:>10.1}", "of the waiting alone, spared by overlap", 1e2 * median(spared));
    let at_work = rounds().map(|at| mean(|round| round.in_step.at_work, at));
    println!("{:<42}{:>10.1}", "from sending to having, at work", 1e2 * median(at_work));
}

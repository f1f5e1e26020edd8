//! What comes before the first time step: maps, plans, renumbering; and finding a plan again.
//!
//! `cargo bench --bench plan -- [I,J]`, by default the published airfoil mesh `400,600`: as it is,
//! numbered at random, and renumbered from that. Every figure is the best of a few.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use op2::prelude::*;

use flow::{Cells, Edges, Flow};
use mesh::AirfoilMesh;

#[path = "../examples/airfoil/flow.rs"]
#[allow(dead_code, reason = "the example uses more of it")]
mod flow;
#[path = "../examples/airfoil/kernels.rs"]
mod kernels;
#[path = "../examples/airfoil/mesh.rs"]
#[allow(dead_code, unused_imports, reason = "the example uses more of it, and runs its tests")]
mod mesh;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let Some((i, j)) = size(&arguments) else {
        eprintln!("usage: cargo bench --bench plan -- [I,J]");
        return ExitCode::from(2);
    };
    match numberings(i, j).and_then(|()| look_up()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn size(arguments: &[String]) -> Option<(usize, usize)> {
    let [size] = arguments else { return arguments.is_empty().then_some((400, 600)) };
    let (i, j) = size.split_once(',')?;
    Some((i.parse().ok()?, j.parse().ok()?))
}

/// One line per numbering of the mesh.
fn numberings(i: usize, j: usize) -> Outcome<()> {
    let natural = AirfoilMesh::generate(i, j)?;
    let mut shuffled = natural.clone();
    shuffled.shuffle(1);
    println!("{} edges, {} cells; times in ms", natural.edge_nodes.len(), natural.num_cells());
    println!(
        "{:10} {:>10} {:>9} {:>9} {:>9} {:>10}  plan of res_calc",
        "numbering", "edge_cells", "renumber", "plans", "step", "plans/step"
    );
    println!("{}", Line::measure("natural", &natural, false)?);
    println!("{}", Line::measure("random", &shuffled, false)?);
    println!("{}", Line::measure("renumbered", &shuffled, true)?);
    Ok(())
}

/// Times of one numbering, in seconds.
struct Line {
    numbering: &'static str,
    /// Declaring the map from edges to cells: a copy, and a check of every entry.
    map: f64,
    renumber: Option<f64>,
    /// The plans of all loops of a step.
    plans: f64,
    step: f64,
    plan: String,
}

impl Line {
    fn measure(numbering: &'static str, mesh: &AirfoilMesh, renumber: bool) -> Outcome<Self> {
        const TIMES: usize = 3;
        let mut best = Self::once(numbering, mesh, renumber)?;
        for _ in 1..TIMES {
            let other = Self::once(numbering, mesh, renumber)?;
            best.map = best.map.min(other.map);
            best.renumber = best.renumber.zip(other.renumber).map(|(a, b)| a.min(b));
            best.plans = best.plans.min(other.plans);
            best.step = best.step.min(other.step);
        }
        Ok(best)
    }

    fn once(numbering: &'static str, mesh: &AirfoilMesh, renumber: bool) -> Outcome<Self> {
        let cx = Context::builder().backend(Backend::Seq).build()?;
        let map = map_declaration(&cx, mesh)?;
        let flow: Flow<f64> = Flow::declare(&cx, mesh.clone())?;
        let request = Reorder::cuthill_mckee(&flow.edge_cells);
        let renumber = renumber.then(|| cx.reorder(&request)).transpose()?;
        flow.step()?;
        let counters = cx.engine().profile.snapshot();
        let plan = counters.iter().find(|counters| counters.name == "res_calc");
        let step = seconds(|| flow.step())?;
        Ok(Self {
            numbering,
            map,
            renumber: renumber.map(|renumbered| renumbered.seconds),
            plans: counters.iter().map(|counters| counters.plan_seconds).sum(),
            step: step.min(seconds(|| flow.step())?),
            plan: plan.and_then(|counters| counters.plan.clone()).unwrap_or_default(),
        })
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let renumber = self.renumber.map_or("-".into(), |s| format!("{:.0}", s * 1e3));
        let plan = self.plan.split([':', ',']).next().unwrap_or_default();
        write!(
            f,
            "{:10} {:10.2} {renumber:>9} {:9.2} {:9.1} {:10.2}  {plan}",
            self.numbering,
            self.map * 1e3,
            self.plans * 1e3,
            self.step * 1e3,
            self.plans / self.step,
        )
    }
}

fn map_declaration(cx: &Context, mesh: &AirfoilMesh) -> op2::Result<f64> {
    let edges = cx.set_named::<Edges>("other edges", mesh.edge_cells.len())?;
    let cells = cx.set_named::<Cells>("other cells", mesh.num_cells())?;
    seconds(|| cx.map("other_edge_cells", &edges, &cells, &mesh.edge_cells))
}

fn seconds<T>(f: impl FnOnce() -> op2::Result<T>) -> op2::Result<f64> {
    let start = Instant::now();
    black_box(f()?);
    Ok(start.elapsed().as_secs_f64())
}

op2::sets! {
    Places;
    Links;
}

#[op2::kernel]
fn count(places: Inc<f64>) {
    *places += 1.0;
}

/// Calls just below and just above the size from which a loop needs a plan: two blocks, not one.
fn look_up() -> Outcome<()> {
    const LARGEST_WITHOUT: usize = 2047;
    let without = nanoseconds_per_call(LARGEST_WITHOUT)?;
    let with = nanoseconds_per_call(LARGEST_WITHOUT + 1)?;
    println!("\ncalls of a small loop in Seq, ns:");
    println!("{without:6.0} on {LARGEST_WITHOUT} elements, in one block without a plan");
    println!("{with:6.0} on one more: the plan is found again, and has two blocks");
    Ok(())
}

fn nanoseconds_per_call(size: usize) -> op2::Result<f64> {
    const CALLS: u32 = 2_000;
    const ROUNDS: usize = 30;
    let cx = Context::builder().backend(Backend::Seq).build()?;
    let links = cx.set::<Links>(size)?;
    let places = cx.set::<Places>(size)?;
    let table: Vec<[u32; 1]> = (0..size as u32).map(|place| [place]).collect();
    let place: Map<Links, Places, 1> = cx.map("place", &links, &places, table)?;
    let counts: Dat<Places, f64> = cx.dat_zeros("counts", &places)?;
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let round = seconds(|| {
            (0..CALLS).try_for_each(|_| par_loop!(count, links, counts(Inc, place[0])))
        })?;
        best = best.min(round / f64::from(CALLS));
    }
    Ok(best * 1e9)
}

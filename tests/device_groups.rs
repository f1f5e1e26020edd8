//! How large the groups of a loop are: where a program runs with any number of work-items, the device says; where
//! the answer depends on it, nobody does.
//!
//! The device here compiles and computes nothing. It notes what it is given.

use std::any::Any;
use std::sync::{Arc, Mutex};

use op2::prelude::*;
use op2::{Backend, RaceStrategy, Result};
use op2_core::base::config::Settings;
use op2_core::context::Context;
use op2_core::device::api::{
    Compiler, Device, Event, Facts, Fault, Launch, Memory, Program, Runner, Source,
};
use op2_core::device::memcheck::Memcheck;
use op2_core::kernel::source::Dialect;

op2::sets! { Nodes; Edges; }

/// A device that likes small groups.
struct Noting {
    memory: Memcheck,
    facts: Facts,
    started: Arc<Mutex<Vec<Started>>>,
}

/// A program that was started.
#[derive(Clone, Debug, PartialEq)]
struct Started {
    text: String,
    groups: usize,
    group: usize,
}

struct Text(String);

impl Program for Text {}

const USUAL: usize = 128;
const BEST: usize = 64;

impl Device for Noting {
    fn facts(&self) -> &Facts {
        &self.facts
    }
    fn allocate(&self, bytes: usize) -> Result<Box<dyn Memory>, Fault> {
        self.memory.allocate(bytes)
    }
    fn upload(&self, memory: &dyn Memory, offset: usize, bytes: &[u8]) -> Result<(), Fault> {
        self.memory.upload(memory, offset, bytes)
    }
    fn download(&self, memory: &dyn Memory, offset: usize, into: &mut [u8]) -> Result<(), Fault> {
        self.memory.download(memory, offset, into)
    }
    fn clear(&self, memory: &dyn Memory) -> Result<(), Fault> {
        self.memory.clear(memory)
    }
    fn copy(&self, from: &dyn Memory, to: &dyn Memory, bytes: usize) -> Result<(), Fault> {
        self.memory.copy(from, to, bytes)
    }
    fn finish(&self) -> Result<(), Fault> {
        Ok(())
    }
    fn runner(&self) -> Runner<'_> {
        Runner::Compiler(self)
    }
}

impl Compiler for Noting {
    fn compile(&self, source: &Source<'_>) -> Result<Box<dyn Program>, Fault> {
        Ok(Box::new(Text(source.text.to_owned())))
    }

    fn best_group(&self, _program: &dyn Program, usual: usize, most: usize) -> usize {
        assert_eq!((usual, most), (USUAL, 256));
        BEST
    }

    unsafe fn launch(
        &self,
        program: &dyn Program,
        launch: &Launch<'_>,
    ) -> Result<Option<Box<dyn Event>>, Fault> {
        let program: &dyn Any = program;
        let Text(text) = program.downcast_ref().expect("a program of this device");
        let Launch { groups, group, .. } = *launch;
        self.started.lock().unwrap().push(Started { text: text.clone(), groups, group });
        Ok(None)
    }
}

#[op2::kernel]
fn double(x: &mut f64) {
    *x *= 2.0;
}

#[op2::kernel]
fn add(ends: Inc<[f64; 2]>) {
    ends[0] += 1.0;
    ends[1] += 1.0;
}

#[op2::kernel]
fn add_and_count(ends: Inc<[f64; 2]>, count: Inc<f64>) {
    ends[0] += 1.0;
    ends[1] += 1.0;
    *count += 1.0;
}

#[op2::kernel]
fn total(x: &f64, sum: Inc<f64>) {
    *sum += *x;
}

const NUM_EDGES: usize = 1000;

/// What was started for a loop over edges on a device of that language: the kernel's name, or a product.
fn started(dialect: Dialect, races: RaceStrategy, what: &str) -> Result<Vec<Started>> {
    started_of(dialect, races, what, NUM_EDGES)
}

fn started_of(
    dialect: Dialect,
    races: RaceStrategy,
    what: &str,
    num_edges: usize,
) -> Result<Vec<Started>> {
    let (memory, started) = (Memcheck::new(), Arc::default());
    let facts = Facts { dialect, usual_group: USUAL, max_group: 1024, ..memory.facts().clone() };
    let device: Box<dyn Device> = Box::new(Noting { memory, facts, started: Arc::clone(&started) });
    let mut settings = Settings { backend: Backend::Cuda, ..Settings::default() };
    settings.device.races.usual = races;
    let cx = Context::new(settings, Some(device))?;
    let nodes = cx.set::<Nodes>(num_edges + 1)?;
    let edges = cx.set::<Edges>(num_edges)?;
    let table: Vec<[u32; 2]> = (0..num_edges as u32).map(|edge| [edge, edge + 1]).collect();
    let ends: Map<Edges, Nodes, 2> = cx.map("ends", &edges, &nodes, table)?;
    let x: Dat<Edges, f64> = cx.dat_zeros("x", &edges)?;
    let count: Dat<Nodes, f64> = cx.dat_zeros("count", &nodes)?;
    let sum: Global<f64> = cx.global("sum", 0.0);
    match what {
        "double" => par_loop!(double, edges, x(Rw))?,
        "add" => par_loop!(add, edges, count(Inc, ends))?,
        "add_and_count" => par_loop!(add_and_count, edges, count(Inc, ends), sum(Inc))?,
        "total" => par_loop!(total, edges, x(Read), sum(Inc))?,
        _ => {
            let sparsity = Sparsity::new(&(&ends, &ends))?;
            let a: Mat<Nodes, Nodes, f64> = cx.mat("a", &sparsity)?;
            a.multiply(&count, &count.like("product")?)?;
        }
    }
    let started = started.lock().unwrap();
    Ok(started.clone())
}

/// How large the groups were, and how many all launches had.
fn sizes(started: &[Started]) -> (usize, usize) {
    let group = started[0].group;
    assert!(started.iter().all(|launch| launch.group == group), "{started:?}");
    (group, started.iter().map(|launch| launch.groups).sum())
}

#[test]
fn the_device_chooses_where_any_size_is_right() -> Result<()> {
    for (races, what, groups) in [
        (RaceStrategy::Auto, "double", NUM_EDGES.div_ceil(BEST)),
        (RaceStrategy::Atomics, "add", NUM_EDGES.div_ceil(BEST)),
        (RaceStrategy::Coloring, "add", 2 * (NUM_EDGES / 2).div_ceil(BEST)),
        (RaceStrategy::Auto, "product", (NUM_EDGES + 1).div_ceil(BEST)),
    ] {
        let started = started(Dialect::CudaC, races, what)?;
        assert_eq!(sizes(&started), (BEST, groups), "{what} {races}");
        let text = &started[0].text;
        assert!(text.contains("__launch_bounds__(256)"), "{text}");
        assert!(text.contains("* blockDim.x"), "{text}");
    }
    Ok(())
}

#[test]
fn sums_and_blocks_keep_their_size() -> Result<()> {
    for (races, what) in [(RaceStrategy::Auto, "total"), (RaceStrategy::Staging, "add")] {
        let started = started(Dialect::CudaC, races, what)?;
        assert_eq!(sizes(&started), (USUAL, NUM_EDGES.div_ceil(USUAL)), "{what} {races}");
        let text = &started[0].text;
        assert!(text.contains("__launch_bounds__(128)"), "{text}");
        assert!(!text.contains("blockDim.x"), "{text}");
    }
    Ok(())
}

#[test]
fn few_results_come_back_from_many_blocks() -> Result<()> {
    let all = |what| started_of(Dialect::CudaC, RaceStrategy::Staging, what, 400 * 1024);
    assert_eq!(sizes(&all("add")?), (USUAL, 3200));
    let reduced = all("add_and_count")?;
    assert!(reduced.iter().all(|launch| launch.groups <= 1024), "{:?}", sizes(&reduced));
    assert_eq!(reduced.iter().map(|launch| launch.groups).max(), Some(1024));
    Ok(())
}

#[test]
fn opencl_programs_are_of_one_size() -> Result<()> {
    for what in ["double", "add", "total", "product"] {
        for races in RaceStrategy::ALL {
            let started = started(Dialect::OpenClC, races, what)?;
            assert_eq!(sizes(&started).0, USUAL, "{what} {races}");
            assert!(started[0].text.contains("reqd_work_group_size(128, 1, 1)"));
        }
    }
    Ok(())
}

//! How much memory the airfoil takes, over that of its arrays.
//!
//! `cargo bench --bench memory -- [I,J]`, by default the published mesh `400,600`; on Linux.
//!
//! The arrays are counted by their elements. The peak is the largest resident memory from the
//! moment the program has its tables until it has made three steps, everything included; each line
//! is a process of its own.

use std::process::{Command, ExitCode};

use op2::prelude::*;

use flow::Flow;
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
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        [] => all("400,600"),
        [size] => all(size),
        [size, backend, numbering] => one(size, backend, numbering),
        _ => Err("usage: cargo bench --bench memory -- [I,J]".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs this program once for each line.
fn all(size: &str) -> Outcome<()> {
    println!(
        "{:8} {:10} {:>9} {:>9} {:>9} {:>12}",
        "backend", "numbering", "arrays/MB", "start/MB", "peak/MB", "peak/arrays"
    );
    for [backend, numbering] in [["seq", "natural"], ["rayon", "natural"], ["rayon", "random"]] {
        let mut line = Command::new(std::env::current_exe()?);
        if !line.args([size, backend, numbering]).status()?.success() {
            return Err(format!("{backend}, {numbering}: failed").into());
        }
    }
    Ok(())
}

fn one(size: &str, backend: &str, numbering: &str) -> Outcome<()> {
    let (i, j) = size.split_once(',').ok_or("the size is I,J")?;
    let mut mesh = AirfoilMesh::generate(i.parse()?, j.parse()?)?;
    if numbering == "random" {
        mesh.shuffle(1);
    }
    let arrays = bytes_of_arrays(&mesh);
    forget_peak()?;
    let start = resident("VmRSS")?;
    let cx = Context::builder().backend(backend.parse()?).threads(2).build()?;
    let flow: Flow<f64> = Flow::declare(&cx, mesh)?;
    for _ in 0..3 {
        flow.step()?;
    }
    let peak = resident("VmHWM")?;
    println!(
        "{backend:8} {numbering:10} {:9.1} {:9.1} {:9.1} {:12.3}",
        arrays as f64 / 1e6,
        start as f64 / 1e6,
        peak as f64 / 1e6,
        peak as f64 / arrays as f64,
    );
    Ok(())
}

/// The dats and maps of the program.
fn bytes_of_arrays(mesh: &AirfoilMesh) -> usize {
    let maps = size_of_val(&mesh.cell_nodes[..])
        + size_of_val(&mesh.edge_nodes[..])
        + size_of_val(&mesh.edge_cells[..])
        + size_of_val(&mesh.bedge_nodes[..])
        + size_of_val(&mesh.bedge_cell[..]);
    let states = 3 * size_of::<[f64; 4]>(); // q, qold, res
    let cells = mesh.num_cells() * (states + size_of::<f64>()); // and adt
    maps + cells + size_of_val(&mesh.coords[..]) + size_of_val(&mesh.bound[..])
}

/// Has the kernel take the peak from now on; what making the mesh took is not ours.
fn forget_peak() -> Outcome<()> {
    std::fs::write("/proc/self/clear_refs", "5")
        .map_err(|e| format!("/proc/self/clear_refs: {e}"))?;
    Ok(())
}

/// Bytes that Linux states under this name.
fn resident(name: &str) -> Outcome<usize> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")).ok_or("no such line")?;
    Ok(kib.trim().parse::<usize>()? * 1024)
}

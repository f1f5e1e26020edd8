//! Matrices on the unit square of 1000 x 1000 x 2 triangles, rows numbered left to right and at
//! random: sparsity, places, assembly by loops and by a hand-written loop, products with vectors.
//!
//! `cargo bench --bench matrix`; the best of several rounds.

mod by_hand;
mod square;

use std::hint::black_box;
use std::time::Instant;

use op2::prelude::*;
use op2_core::base::triad::triad;

use square::Square;

const ROUNDS: usize = 9;

op2::sets! {
    Nodes;
    Cells;
}

#[op2::function]
fn twice_area(x: &[[f64; 2]; 3]) -> f64 {
    (x[1][0] - x[0][0]) * (x[2][1] - x[0][1]) - (x[2][0] - x[0][0]) * (x[1][1] - x[0][1])
}

#[op2::kernel]
fn mass(x: &[[f64; 2]; 3], a: Inc<[[f64; 3]; 3]>) {
    let twice = twice_area(x);
    for i in 0..3 {
        for j in 0..3 {
            a[i][j] += if i == j { twice / 12.0 } else { twice / 24.0 };
        }
    }
}

#[op2::kernel]
fn laplacian(x: &[[f64; 2]; 3], a: Inc<[[f64; 3]; 3]>) {
    let scale = 0.5 / twice_area(x);
    let mut g = [[0.0; 2]; 3];
    for i in 0..3 {
        g[i][0] = x[(i + 1) % 3][1] - x[(i + 2) % 3][1];
        g[i][1] = x[(i + 2) % 3][0] - x[(i + 1) % 3][0];
    }
    for i in 0..3 {
        for j in 0..3 {
            a[i][j] += scale * (g[i][0] * g[j][0] + g[i][1] * g[j][1]);
        }
    }
}

fn main() -> op2::Result<()> {
    print_peak_memory()?;
    for numbering in ["natural", "shuffled"] {
        let square = Square::new(numbering == "shuffled");
        for threads in [1, 2] {
            println!("{numbering} numbering, {threads} thread(s)");
            measure(&square, threads)?;
        }
    }
    Ok(())
}

/// What building the pattern takes beyond the mesh, beside what the pattern itself takes.
fn print_peak_memory() -> op2::Result<()> {
    let mesh = Mesh::new(&Square::new(false), 1)?;
    let before = resident("VmRSS:");
    let pattern = mesh.sparsity()?;
    let peak = resident("VmHWM:") - before;
    let bytes = pattern.core().pattern().bytes() as f64;
    let (peak, bytes) = (peak / 1e6, bytes / 1e6);
    println!("pattern of {bytes:.0} MB, peak while building it {peak:.0} MB");
    let a: Mat<Nodes, Nodes, f64> = mesh.cx.mat("a", &pattern)?;
    mesh.assemble_mass(&a)?;
    let total = (resident("VmRSS:") - before) / 1e6;
    println!("pattern, matrix and places together {total:.0} MB");
    Ok(())
}

/// A line of Linux's account of this process, in bytes; 0 elsewhere.
fn resident(line: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|text| text.strip_prefix(line));
    let kilobytes = found.and_then(|text| text.trim().strip_suffix(" kB"));
    1024.0 * kilobytes.and_then(|text| text.parse().ok()).unwrap_or(0.0)
}

struct Mesh {
    cx: Context,
    nodes: Set<Nodes>,
    cells: Set<Cells>,
    cell_nodes: Map<Cells, Nodes, 3>,
    x: Dat<Nodes, [f64; 2]>,
}

impl Mesh {
    fn new(square: &Square, threads: usize) -> op2::Result<Self> {
        let cx = Context::builder().backend(Backend::Rayon).threads(threads).build()?;
        let nodes = cx.set::<Nodes>(square.points.len())?;
        let cells = cx.set::<Cells>(square.cells.len())?;
        let cell_nodes = cx.map("cell_nodes", &cells, &nodes, &square.cells)?;
        let x = cx.dat("x", &nodes, &square.points)?;
        Ok(Self { cx, nodes, cells, cell_nodes, x })
    }

    fn sparsity(&self) -> op2::Result<Sparsity<Nodes, Nodes>> {
        Sparsity::new(&[(&self.cell_nodes, &self.cell_nodes)])
    }

    fn assemble_mass(&self, a: &Mat<Nodes, Nodes, f64>) -> op2::Result<()> {
        let Self { cells, cell_nodes, x, .. } = self;
        a.zero()?;
        par_loop!(mass, cells, x(Read, cell_nodes), a(Inc, cell_nodes, cell_nodes))
    }

    fn assemble_laplacian(&self, a: &Mat<Nodes, Nodes, f64>) -> op2::Result<()> {
        let Self { cells, cell_nodes, x, .. } = self;
        a.zero()?;
        par_loop!(laplacian, cells, x(Read, cell_nodes), a(Inc, cell_nodes, cell_nodes))
    }
}

fn measure(square: &Square, threads: usize) -> op2::Result<()> {
    let mesh = Mesh::new(square, threads)?;
    let per_element = |name: &str, seconds: f64| {
        println!("  {name:32} {:8.1} ns/element", seconds * 1e9 / square.cells.len() as f64);
    };
    // Forgotten as soon as it is dropped: each round builds it anew.
    per_element("sparsity", best(|| mesh.sparsity()));
    let pattern = mesh.sparsity()?;
    assert_eq!(pattern.num_entries(), 7_006_001);
    let a: Mat<Nodes, Nodes, f64> = mesh.cx.mat("a", &pattern)?;
    per_element("mass, first time (places found)", time(|| mesh.assemble_mass(&a)));
    per_element("mass", best(|| mesh.assemble_mass(&a)));
    let sum: f64 = a.read()?.values().iter().sum();
    assert!((sum - 1.0).abs() < 1e-9, "the mass of the square is {sum}");
    per_element("Laplacian", best(|| mesh.assemble_laplacian(&a)));
    assert!((a.frobenius_norm()? - 4_470.123_488_227_143).abs() < 1e-8);
    per_element("of which zeroing", best(|| a.zero()));
    if threads == 1 {
        let (pattern, positions) = by_hand::places(square)?;
        let mut values = vec![0.0; pattern.num_entries()];
        let mut by_hand =
            |kernel| best(|| by_hand::assemble(square, &positions, &mut values, kernel));
        per_element("mass, by hand", by_hand(by_hand::mass as fn(_) -> _));
        per_element("Laplacian, by hand", by_hand(by_hand::laplacian));
    }
    products(&mesh, &pattern, threads)
}

/// The share of the triad's bandwidth, in useful bytes: everything read or written once.
fn products(mesh: &Mesh, pattern: &Sparsity<Nodes, Nodes>, threads: usize) -> op2::Result<()> {
    let Mesh { cx, nodes, .. } = mesh;
    let print = |name: &str, bytes: usize, seconds: f64, triad: f64| {
        let gb = bytes as f64 / 1e9 / seconds;
        let share = 100.0 * gb / triad;
        println!("  {name:32} {:8.2} ms {gb:8.2} GB/s {share:5.0} % of triad", seconds * 1e3);
    };
    let ruler = || triad(threads).map(|t| t.gb_per_s).map_err(op2::Error::other);
    let a: Mat<Nodes, Nodes, f64> = cx.mat("product", pattern)?;
    mesh.assemble_laplacian(&a)?;
    let x: Dat<Nodes, f64> = cx.dat("ones", nodes, vec![1.0; nodes.size()])?;
    let y: Dat<Nodes, f64> = cx.dat_zeros("y", nodes)?;
    let vectors = 2 * size_of::<f64>() * nodes.size();
    let bytes = pattern.core().pattern().bytes() + 8 * pattern.num_entries() + vectors;
    let before = ruler()?;
    let seconds = best(|| a.multiply(&x, &y));
    let after = ruler()?;
    print("y = A x", bytes, seconds, f64::midpoint(before, after));
    a.multiply_transposed(&x, &y)?;
    let seconds = best(|| a.multiply_transposed(&x, &y));
    print("y = A^T x", bytes, seconds, after);
    drop(a);
    let a: Mat<Nodes, Nodes, [[f64; 3]; 3]> = cx.mat("blocks", pattern)?;
    let x: Dat<Nodes, [f64; 3]> = cx.dat("x3", nodes, vec![[1.0; 3]; nodes.size()])?;
    let y: Dat<Nodes, [f64; 3]> = cx.dat_zeros("y3", nodes)?;
    let bytes = pattern.core().pattern().bytes() + 72 * pattern.num_entries() + 3 * vectors;
    let seconds = best(|| a.multiply(&x, &y));
    print("y = A x, blocks 3 x 3", bytes, seconds, ruler()?);
    Ok(())
}

fn time<R>(call: impl FnOnce() -> R) -> f64 {
    let start = Instant::now();
    black_box(call());
    start.elapsed().as_secs_f64()
}

/// The time of the quickest of several calls; what they return is dropped outside the time.
fn best<R>(mut call: impl FnMut() -> R) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let result = black_box(call());
        best = best.min(start.elapsed().as_secs_f64());
        drop(result);
    }
    best
}

//! What the reproducible mode costs.
//!
//! `cargo bench --bench reproducible -- [CELLS_PER_SIDE [ROUNDS]]`, by default `1000` and 15.
//!
//! Contexts with and without the mode run the same loops in turn; ratios are medians over the rounds of
//! one run.

use std::time::Instant;

use op2::prelude::*;

use median::median;

#[path = "shared/median.rs"]
mod median;

op2::sets! {
    Edges;
    Cells;
}

#[op2::kernel]
fn total(x: &f64, sum: Inc<f64>) {
    *sum += *x;
}

#[op2::kernel]
fn totals(x: &[f64; 4], sum: Inc<[f64; 4]>) {
    for i in 0..4 {
        sum[i] += x[i] * x[i];
    }
}

#[op2::kernel]
fn update(old: &[f64; 4], q: Write<[f64; 4]>, res: &mut [f64; 4], adt: &f64, rms: Inc<f64>) {
    for i in 0..4 {
        let change = res[i] / *adt;
        q[i] = old[i] - change;
        res[i] *= 0.5;
        *rms += change * change;
    }
}

#[op2::kernel]
fn exchange(a: &[f64; 4], b: &[f64; 4], left: Inc<[f64; 4]>, right: Inc<[f64; 4]>) {
    let speed = 0.5 * (a[1] / a[0] + b[1] / b[0]);
    for i in 0..4 {
        let flow = speed * (b[i] - a[i]);
        left[i] += flow;
        right[i] -= flow;
    }
}

struct Program {
    cx: Context,
    cells: Set<Cells>,
    edges: Set<Edges>,
    edge_cells: Map<Edges, Cells, 2>,
    x: Dat<Cells, f64>,
    q: Dat<Cells, [f64; 4]>,
    new: Dat<Cells, [f64; 4]>,
    res: Dat<Cells, [f64; 4]>,
}

const LOOPS: [&str; 4] = ["sum of f64", "sums of [f64; 4]", "update with a sum", "edges"];

impl Program {
    fn new(n: u32, backend: Backend, reproducible: bool) -> op2::Result<Self> {
        let builder = Context::builder_from_env()?.backend(backend).threads(2);
        let cx = builder.reproducible(reproducible).build()?;
        let cell = |i, j| i + j * n;
        // Row by row, each cell's edges to the right and upward.
        let sides = (0..n).flat_map(|j| (0..n).flat_map(move |i| [(i, j, 1, 0), (i, j, 0, 1)]));
        let inner = sides.filter(|(i, j, right, up)| i + right < n && j + up < n);
        let table: Vec<[u32; 2]> =
            inner.map(|(i, j, right, up)| [cell(i, j), cell(i + right, j + up)]).collect();
        let cells = cx.set::<Cells>((n * n) as usize)?;
        let edges = cx.set::<Edges>(table.len())?;
        let value = |i: usize| 1.0 + (i * 7919 % 10_007) as f64 * 1e-4;
        let values: Vec<f64> = (0..cells.size()).map(value).collect();
        let rows: Vec<[f64; 4]> = values.iter().map(|x| [1.0 + x, *x, 0.5 - x, 2.0]).collect();
        Ok(Self {
            edge_cells: cx.map("edge_cells", &edges, &cells, table)?,
            x: cx.dat("x", &cells, values)?,
            q: cx.dat("q", &cells, rows)?,
            new: cx.dat_zeros("new", &cells)?,
            res: cx.dat_zeros("res", &cells)?,
            cx,
            cells,
            edges,
        })
    }

    /// Seconds of each loop.
    fn round(&self) -> op2::Result<[f64; 4]> {
        let Self { cells, edges, edge_cells, x, q, new, res, .. } = self;
        let (one, four) = (self.cx.global("one", 0.0), self.cx.global("four", [0.0; 4]));
        let rms = self.cx.global("rms", 0.0);
        let mut seconds = [0.0; 4];
        let mut time = |at: usize, run: &mut dyn FnMut() -> op2::Result<()>| -> op2::Result<()> {
            let start = Instant::now();
            run()?;
            seconds[at] = start.elapsed().as_secs_f64();
            Ok(())
        };
        time(0, &mut || par_loop!(total, cells, x(Read), one(Inc)))?;
        time(1, &mut || par_loop!(totals, cells, q(Read), four(Inc)))?;
        time(2, &mut || par_loop!(update, cells, q(Read), new(Write), res(Rw), x(Read), rms(Inc)))?;
        time(3, &mut || {
            par_loop!(
                exchange,
                edges,
                q(Read, edge_cells[0]),
                q(Read, edge_cells[1]),
                res(Inc, edge_cells[0]),
                res(Inc, edge_cells[1])
            )
        })?;
        std::hint::black_box((one.value()?, four.value()?, rms.value()?));
        Ok(seconds)
    }
}

fn main() -> op2::Result<()> {
    let mut arguments = std::env::args().skip(1).filter(|a| a != "--bench");
    let mut number = |usual| arguments.next().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (n, rounds) = (number(1000), number(15));
    println!("{:<20}{:<8}{:>10}{:>10}{:>8}", "loop", "backend", "off ms", "on ms", "ratio");
    for backend in [Backend::Seq, Backend::Rayon] {
        let (off, on) = (Program::new(n, backend, false)?, Program::new(n, backend, true)?);
        off.round()?;
        on.round()?;
        let mut times: Vec<[[f64; 4]; 2]> = Vec::new();
        for _ in 0..rounds {
            let off = off.cx.run(|| off.round())?;
            times.push([off, on.cx.run(|| on.round())?]);
        }
        for (at, name) in LOOPS.iter().enumerate() {
            let all = |f: &dyn Fn(&[[f64; 4]; 2]) -> f64| median(times.iter().map(f));
            let (off, on) = (all(&|times| times[0][at]), all(&|times| times[1][at]));
            let ratio = all(&|times| times[1][at] / times[0][at]);
            let backend = backend.to_string();
            println!("{name:<20}{backend:<8}{:>10.2}{:>10.2}{ratio:>8.2}", off * 1e3, on * 1e3);
        }
    }
    Ok(())
}

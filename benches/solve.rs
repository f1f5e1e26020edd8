//! Conjugate gradients with Jacobi on the mass matrix of the unit square of 1000 x 1000 x 2 triangles:
//! time per iteration beside what its memory traffic would take at the bandwidth of the triad.
//!
//! `cargo bench --bench solve`; the best of several rounds. `PyOP2` takes 8 iterations here.

use std::time::Instant;

use op2::prelude::*;
use op2::solve::precond::{Ic0, Jacobi, Ssor};
use op2::solve::{CgOptions, Preconditioner, ResidualNorm, SolveReport, cg};
use op2_core::base::triad::triad;

op2::sets! { Nodes; Cells; }

const SIDE: u32 = 1000;
const ROUNDS: usize = 7;

#[op2::kernel]
fn mass(x: &[[f64; 2]; 3], a: Inc<[[f64; 3]; 3]>) {
    let area = 0.5
        * ((x[1][0] - x[0][0]) * (x[2][1] - x[0][1]) - (x[2][0] - x[0][0]) * (x[1][1] - x[0][1]));
    for i in 0..3 {
        for j in 0..3 {
            let weight = if i == j { 2.0 } else { 1.0 };
            a[i][j] += area * weight / 12.0;
        }
    }
}

#[op2::kernel]
fn sine(x: &[f64; 2], f: Write<f64>) {
    *f = (3.0 * x[0]).sin();
}

fn main() -> op2::Result<()> {
    for threads in [1, 2] {
        let backend = if threads == 1 { Backend::Seq } else { Backend::Rayon };
        let cx = Context::builder().backend(backend).threads(threads).build()?;
        println!("{threads} thread(s)");
        measure(&cx, threads)?;
    }
    Ok(())
}

fn measure(cx: &Context, threads: usize) -> op2::Result<()> {
    let across = SIDE + 1;
    let points: Vec<[f64; 2]> = (0..across * across)
        .map(|node| [node % across, node / across].map(|i| f64::from(i) / f64::from(SIDE)))
        .collect();
    let corners: Vec<[u32; 3]> = (0..SIDE * SIDE)
        .map(|square| square / SIDE * across + square % SIDE)
        .flat_map(|a| [[a, a + 1, a + across + 1], [a, a + across + 1, a + across]])
        .collect();
    let (nodes, cells) = (cx.set::<Nodes>(points.len())?, cx.set::<Cells>(corners.len())?);
    let cell_nodes: Map<Cells, Nodes, 3> = cx.map("cell_nodes", &cells, &nodes, corners)?;
    let x = cx.dat("x", &nodes, points)?;
    let a: Mat<Nodes, Nodes, f64> =
        cx.mat("mass", &Sparsity::new(&[(&cell_nodes, &cell_nodes)])?)?;
    par_loop!(mass, cells, x(Read, cell_nodes), a(Inc, cell_nodes, cell_nodes))?;
    let f: Dat<Nodes, f64> = cx.dat_zeros("f", &nodes)?;
    let b = f.like("b")?;
    par_loop!(sine, nodes, x(Read), f(Write))?;
    a.multiply(&f, &b)?;

    let jacobi = Jacobi::new(&a)?;
    for norm in [ResidualNorm::Preconditioned, ResidualNorm::True, ResidualNorm::Natural] {
        let (report, _) = solve(&a, &b, &jacobi, norm)?;
        println!("  {norm:?}: {report}");
    }
    let report = traffic(cx, &a, &b, &jacobi, threads)?;
    assert_eq!(report.iterations, 8, "as PyOP2");
    for (name, preconditioner) in
        [("IC(0)", &Ic0::new(&a)? as &dyn Preconditioner<_>), ("SSOR", &Ssor::gauss_seidel(&a)?)]
    {
        let (report, seconds) = solve(&a, &b, preconditioner, ResidualNorm::default())?;
        let iterations = report.iterations;
        println!("  {name}: {iterations} iterations, {:.1} ms", seconds * 1e3);
    }
    Ok(())
}

/// Time per iteration, and what part of the triad's bandwidth that is: every array of a loop counted
/// once when read and once when written.
fn traffic(
    cx: &Context,
    a: &Mat<Nodes, Nodes, f64>,
    b: &Dat<Nodes, f64>,
    jacobi: &Jacobi<Nodes, f64>,
    threads: usize,
) -> op2::Result<SolveReport> {
    let ruler = || triad(threads).map(|t| t.gb_per_s).map_err(op2::Error::other);
    let before = ruler()?;
    cx.reset_report();
    let (report, seconds) = solve(a, b, jacobi, ResidualNorm::default())?;
    let after = ruler()?;
    println!("{}", cx.report()?);
    let (rows, entries) = (a.size().0 as f64, a.num_entries() as f64);
    // y = A x; p . q; u += a p, r -= a q; z = d r; p = z + b p.
    let product = 12.0 * entries + 4.0 * rows + 16.0 * rows;
    let bytes = product + (16.0 + 48.0 + 24.0 + 24.0) * rows;
    let each = seconds / report.iterations as f64;
    let gb = bytes / 1e9 / each;
    let share = 100.0 * gb / f64::midpoint(before, after);
    println!(
        "  CG with Jacobi: {:.2} ms per iteration, {gb:.2} GB/s, {share:.0} % of triad",
        each * 1e3
    );
    let u = b.like("u")?;
    let product = best(|| a.multiply(b, &u))?;
    println!("  of which the product with A: {:.2} ms", product.1 * 1e3);
    Ok(report)
}

fn solve(
    a: &Mat<Nodes, Nodes, f64>,
    b: &Dat<Nodes, f64>,
    preconditioner: &dyn Preconditioner<Dat<Nodes, f64>>,
    norm: ResidualNorm,
) -> op2::Result<(SolveReport, f64)> {
    let mut u = b.like("u")?;
    best(|| {
        op2::builtins::fill(0.0, &u)?;
        let options = CgOptions { rtol: 1e-8, norm, preconditioner, ..Default::default() };
        cg(a, b, &mut u, options)
    })
}

/// The result, and the seconds of the fastest round.
fn best<R>(mut call: impl FnMut() -> op2::Result<R>) -> op2::Result<(R, f64)> {
    let mut best = f64::INFINITY;
    let mut round = || -> op2::Result<R> {
        let start = Instant::now();
        let result = call()?;
        best = best.min(start.elapsed().as_secs_f64());
        Ok(result)
    };
    let mut result = round()?;
    for _ in 1..ROUNDS {
        result = round()?;
    }
    Ok((result, best))
}

//! First steps: one set, one map, two loops. OP2's `jac1`: Jacobi sweeps for Laplace's equation on
//! the 25 inner nodes of a square whose boundary is held at 1.
//!
//! `cargo run --example jac`

use op2::prelude::*;

op2::sets! {
    /// Inner nodes of the square.
    Nodes;
    /// Entries of the matrix: an edge couples two nodes, or a node with itself.
    Edges;
}

/// Adds one matrix entry times the unknown at its column to the row's change.
#[op2::kernel]
fn res(a: &f64, u: &f64, du: Inc<f64>) {
    *du += *a * *u;
}

/// Takes the change over, and measures the result.
#[op2::kernel]
fn update(r: &f64, du: &mut f64, u: &mut f64, sum: Inc<f64>, highest: Max<f64>) {
    *u += *du + *r;
    *du = 0.0;
    *sum += *u * *u;
    *highest = (*highest).max(*u);
}

fn main() -> op2::Result<()> {
    // The matrix of a 5 x 5 lattice: -1 on the diagonal, 1/4 for each inner neighbor; neighbors on
    // the boundary hold 1 and go to the right-hand side.
    const N: i32 = 5;
    let (mut ends, mut entries, mut rhs) = (Vec::new(), Vec::new(), Vec::new());
    for (j, i) in (0..N).flat_map(|j| (0..N).map(move |i| (j, i))) {
        let node = (j * N + i) as u32;
        ends.push([node, node]);
        entries.push(-1.0);
        rhs.push(0.0);
        for (i, j) in [(i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)] {
            if (0..N).contains(&i) && (0..N).contains(&j) {
                ends.push([node, (j * N + i) as u32]);
                entries.push(0.25);
            } else {
                rhs[node as usize] += 0.25;
            }
        }
    }

    let cx = Context::from_env()?;
    let nodes = cx.set::<Nodes>(rhs.len())?;
    let edges = cx.set::<Edges>(ends.len())?;
    let ends: Map<Edges, Nodes, 2> = cx.map("ends", &edges, &nodes, ends)?;
    let a = cx.dat("a", &edges, entries)?;
    let r = cx.dat("r", &nodes, rhs)?;
    let u: Dat<Nodes, f64> = cx.dat_zeros("u", &nodes)?;
    let du: Dat<Nodes, f64> = cx.dat_zeros("du", &nodes)?;
    let (sum, highest) = (cx.reduction::<f64>("sum"), cx.reduction::<f64>("highest"));

    for sweep in 1..=2 {
        par_loop!(res, edges, a(Read), u(Read, ends[1]), du(Inc, ends[0]))?;
        par_loop!(update, nodes, r(Read), du(Rw), u(Rw), sum(Inc), highest(Max))?;
        let rms = (sum.value()? / nodes.size() as f64).sqrt();
        println!("sweep {sweep}: max {:.6} rms {rms:.6}", highest.value()?);
    }
    println!("OP2's: max 0.625000 rms 0.386491 after two sweeps");
    for row in u.read()?.chunks(N as usize) {
        println!("  {row:.4?}");
    }
    Ok(())
}

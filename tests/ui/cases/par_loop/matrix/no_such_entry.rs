//! The map has no entry 3.

use op2::prelude::*;

op2::sets! { Nodes; Edges; Cells; }

#[op2::kernel]
fn ones(a: Inc<f64>) {
    *a += 1.0;
}

fn run(cells: &Set<Cells>, m: &Map<Cells, Nodes, 3>, a: &Mat<Nodes, Nodes, f64>) -> op2::Result<()> {
    par_loop!(ones, cells, a(Inc, m[0], m[3]))
}

fn main() {}

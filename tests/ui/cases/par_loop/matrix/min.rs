//! A matrix has no minimum.

use op2::prelude::*;

op2::sets! { Nodes; Edges; Cells; }

#[op2::kernel]
fn ones(a: Min<[[f64; 3]; 3]>) {
    a[0][0] = a[0][0].min(1.0);
}

fn run(cells: &Set<Cells>, m: &Map<Cells, Nodes, 3>, a: &Mat<Nodes, Nodes, f64>) -> op2::Result<()> {
    par_loop!(ones, cells, a(Min, m, m))
}

fn main() {}

//! A matrix has no maximum.

use op2::prelude::*;

op2::sets! { Nodes; Edges; Cells; }

#[op2::kernel]
fn ones(a: Max<[[f64; 3]; 3]>) {
    a[0][0] = a[0][0].max(1.0);
}

fn run(cells: &Set<Cells>, m: &Map<Cells, Nodes, 3>, a: &Mat<Nodes, Nodes, f64>) -> op2::Result<()> {
    par_loop!(ones, cells, a(Max, m, m))
}

fn main() {}

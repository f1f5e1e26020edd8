//! Loops do not read and change matrices.

use op2::prelude::*;

op2::sets! { Nodes; Edges; Cells; }

#[op2::kernel]
fn ones(a: &mut [[f64; 3]; 3]) {
    a[0][0] *= 2.0;
}

fn run(cells: &Set<Cells>, m: &Map<Cells, Nodes, 3>, a: &Mat<Nodes, Nodes, f64>) -> op2::Result<()> {
    par_loop!(ones, cells, a(Rw, m, m))
}

fn main() {}

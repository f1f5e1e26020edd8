//! Only matrices are reached through masked maps.

use op2::prelude::*;

op2::sets! { Nodes; Edges; Cells; }

#[op2::kernel]
fn add(x: Inc<[f64; 3]>) {
    x[0] += 1.0;
}

fn run(cells: &Set<Cells>, m: &op2::Masked<Cells, Nodes, 3>, x: &Dat<Nodes, f64>) -> op2::Result<()> {
    par_loop!(add, cells, x(Inc, m))
}

fn main() {}

//! A local index is passed as `u64`.

use op2::prelude::*;

op2::sets! { Nodes; Edges; Cells; }

#[op2::kernel]
fn ones(a: Inc<f64>, i: &u32) {
    *a += *i as f64;
}

fn run(cells: &Set<Cells>, m: &Map<Cells, Nodes, 3>, a: &Mat<Nodes, Nodes, f64>) -> op2::Result<()> {
    par_loop!(ones, cells, a(Inc, m[i], m[j]), index(i))
}

fn main() {}

//! One map too many.

use op2::prelude::*;

op2::sets! { Nodes; Edges; Cells; }

#[op2::kernel]
fn ones(a: Inc<[[f64; 3]; 3]>) {
    for i in 0..3 {
        for j in 0..3 {
            a[i][j] += 1.0;
        }
    }
}

fn run(cells: &Set<Cells>, m: &Map<Cells, Nodes, 3>, a: &Mat<Nodes, Nodes, f64>) -> op2::Result<()> {
    par_loop!(ones, cells, a(Inc, m, m, m))
}

fn main() {}

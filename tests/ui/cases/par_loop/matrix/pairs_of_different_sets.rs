//! All pairs of a sparsity lead to the same rows and columns.

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

fn run(m: &Map<Cells, Nodes, 3>, n: &Map<Cells, Edges, 3>) -> op2::Result<()> {
    Sparsity::new(&[(m, m), (n, m)]).map(drop)
}

fn main() {}

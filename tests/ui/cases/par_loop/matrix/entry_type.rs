//! Matrices hold real numbers and blocks of them.

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

fn run(cx: &Context, pattern: &Sparsity<Nodes, Nodes>) -> op2::Result<()> {
    cx.mat::<_, _, i32>("a", pattern).map(drop)
}

fn main() {}

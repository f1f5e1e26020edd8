//! A bare table is no map: it has to be declared, which checks it once.

use op2::prelude::*;

op2::sets! { Edges; Nodes; }

#[op2::kernel]
fn copy(from: &f64, to: op2::Write<f64>) {
    *to = *from;
}

fn run(
    edges: &Set<Edges>,
    table: &[[u32; 2]],
    x: &Dat<Nodes, f64>,
    y: &Dat<Edges, f64>,
) -> op2::Result<()> {
    par_loop!(copy, edges, x(Read, table[0]), y(Write))
}

fn main() {}

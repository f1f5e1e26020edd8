//! A set stands where the map belongs.

use op2::prelude::*;

op2::sets! { Edges; Nodes; }

#[op2::kernel]
fn copy(from: &f64, to: op2::Write<f64>) {
    *to = *from;
}

fn run(
    edges: &Set<Edges>,
    nodes: &Set<Nodes>,
    x: &Dat<Nodes, f64>,
    y: &Dat<Edges, f64>,
) -> op2::Result<()> {
    par_loop!(copy, edges, x(Read, nodes), y(Write))
}

fn main() {}

//! A map is how data is reached, not data.

use op2::prelude::*;

op2::sets! { Edges; Nodes; }

#[op2::kernel]
fn copy(from: &f64, to: op2::Write<f64>) {
    *to = *from;
}

fn run(
    edges: &Set<Edges>,
    edge_nodes: &Map<Edges, Nodes, 2>,
    y: &Dat<Edges, f64>,
) -> op2::Result<()> {
    par_loop!(copy, edges, edge_nodes(Read), y(Write))
}

fn main() {}

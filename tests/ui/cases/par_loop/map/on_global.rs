//! A global belongs to no set, so no map leads to it.

use op2::prelude::*;

op2::sets! { Edges; Nodes; }

#[op2::kernel]
fn add(from: &f64, to: Inc<f64>) {
    *to += *from;
}

fn run(
    edges: &Set<Edges>,
    edge_nodes: &Map<Edges, Nodes, 2>,
    w: &Dat<Edges, f64>,
    g: &Global<f64>,
) -> op2::Result<()> {
    par_loop!(add, edges, w(Read), g(Inc, edge_nodes[0]))
}

fn main() {}

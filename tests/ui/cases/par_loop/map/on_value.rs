//! A plain value belongs to no set, so no map leads to it.

use op2::prelude::*;

op2::sets! { Edges; Nodes; }

#[op2::kernel]
fn scale(factor: &f64, x: &mut f64) {
    *x *= *factor;
}

fn run(
    edges: &Set<Edges>,
    edge_nodes: &Map<Edges, Nodes, 2>,
    x: &Dat<Edges, f64>,
) -> op2::Result<()> {
    let dt = 0.1;
    par_loop!(scale, edges, dt(Read, edge_nodes[0]), x(Rw))
}

fn main() {}

//! The map leads to the nodes, but the dat lives on the cells.

use op2::prelude::*;

op2::sets! { Edges; Nodes; Cells; }

#[op2::kernel]
fn add(from: &f64, to: Inc<f64>) {
    *to += *from;
}

fn run(
    edges: &Set<Edges>,
    edge_nodes: &Map<Edges, Nodes, 2>,
    w: &Dat<Edges, f64>,
    q: &Dat<Cells, f64>,
) -> op2::Result<()> {
    par_loop!(add, edges, w(Read), q(Inc, edge_nodes[1]))
}

fn main() {}

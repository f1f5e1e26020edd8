//! The wrong length, through one entry of a map.

use op2::prelude::*;

op2::sets! { Edges; Nodes; }

#[op2::kernel]
fn copy(from: &[f64; 2], to: op2::Write<[f64; 2]>) {
    *to = *from;
}

fn run(
    edges: &Set<Edges>,
    edge_nodes: &Map<Edges, Nodes, 2>,
    x: &Dat<Nodes, [f64; 3]>,
    y: &Dat<Edges, [f64; 2]>,
) -> op2::Result<()> {
    par_loop!(copy, edges, x(Read, edge_nodes[0]), y(Write))
}

fn main() {}

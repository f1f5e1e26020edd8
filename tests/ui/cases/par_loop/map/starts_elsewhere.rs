//! The map belongs to another loop: it starts at the edges.

use op2::prelude::*;

op2::sets! { Edges; Nodes; Cells; }

#[op2::kernel]
fn copy(from: &f64, to: op2::Write<f64>) {
    *to = *from;
}

fn run(
    cells: &Set<Cells>,
    edge_nodes: &Map<Edges, Nodes, 2>,
    x: &Dat<Nodes, f64>,
    y: &Dat<Cells, f64>,
) -> op2::Result<()> {
    par_loop!(copy, cells, x(Read, edge_nodes[0]), y(Write))
}

fn main() {}

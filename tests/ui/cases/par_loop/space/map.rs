//! A loop runs over a set, not over a map.

use op2::prelude::*;

op2::sets! { Edges; Nodes; }

#[op2::kernel]
fn one(x: op2::Write<f64>) {
    *x = 1.0;
}

fn run(edge_nodes: &Map<Edges, Nodes, 2>, x: &Dat<Edges, f64>) -> op2::Result<()> {
    par_loop!(one, edge_nodes, x(Write))
}

fn main() {}

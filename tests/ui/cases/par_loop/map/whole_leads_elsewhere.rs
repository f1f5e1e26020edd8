//! The same with all entries of the map.

use op2::prelude::*;

op2::sets! { Edges; Nodes; Cells; }

#[op2::kernel]
fn sum(x: &[f64; 2], total: op2::Write<f64>) {
    *total = x[0] + x[1];
}

fn run(
    edges: &Set<Edges>,
    edge_nodes: &Map<Edges, Nodes, 2>,
    q: &Dat<Cells, f64>,
    w: &Dat<Edges, f64>,
) -> op2::Result<()> {
    par_loop!(sum, edges, q(Read, edge_nodes), w(Write))
}

fn main() {}

//! Read through one entry while others add: the answer would depend on the order.

use op2::prelude::*;

op2::sets! { Edges; Cells; }

#[op2::kernel]
fn add(from: &f64, to: Inc<f64>) {
    *to += *from;
}

fn run(
    edges: &Set<Edges>,
    edge_cells: &Map<Edges, Cells, 2>,
    q: &Dat<Cells, f64>,
) -> op2::Result<()> {
    par_loop!(add, edges, q(Read, edge_cells[0]), q(Inc, edge_cells[1]))
}

fn main() {}

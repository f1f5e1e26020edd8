//! The map is declared from nodes to cells, the type says the reverse.

use op2::prelude::*;

op2::sets! {
    Edges;
    Nodes;
    Cells;
}

fn run(cx: &Context, cells: &Set<Cells>, nodes: &Set<Nodes>) -> op2::Result<Map<Cells, Nodes, 3>> {
    cx.map("cell_nodes", nodes, cells, vec![[0, 1, 2]])
}

fn main() {}

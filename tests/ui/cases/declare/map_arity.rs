//! The table has three entries per cell, the type says four.

use op2::prelude::*;

op2::sets! {
    Edges;
    Nodes;
    Cells;
}

fn run(cx: &Context, cells: &Set<Cells>, nodes: &Set<Nodes>) -> op2::Result<Map<Cells, Nodes, 4>> {
    cx.map("cell_nodes", cells, nodes, vec![[0, 1, 2]])
}

fn main() {}

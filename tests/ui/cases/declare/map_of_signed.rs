//! Entries are `u32`.

use op2::prelude::*;

op2::sets! {
    Edges;
    Nodes;
    Cells;
}

fn run(
    cx: &Context,
    cells: &Set<Cells>,
    nodes: &Set<Nodes>,
    table: Vec<[i32; 3]>,
) -> op2::Result<Map<Cells, Nodes, 3>> {
    cx.map("cell_nodes", cells, nodes, table)
}

fn main() {}

//! The declared type names another set.

use op2::prelude::*;

op2::sets! {
    Edges;
    Nodes;
    Cells;
}

fn run(cx: &Context, cells: &Set<Cells>) -> op2::Result<Dat<Nodes, f64>> {
    cx.dat("x", cells, vec![0.0; 4])
}

fn main() {}

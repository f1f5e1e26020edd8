//! Dats hold plain values of fixed size.

use op2::prelude::*;

op2::sets! {
    Edges;
    Nodes;
    Cells;
}

fn run(cx: &Context, cells: &Set<Cells>) -> op2::Result<Dat<Cells, String>> {
    cx.dat("name", cells, vec![String::new(); 4])
}

fn main() {}

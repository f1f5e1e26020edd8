//! Subsets of different sets have nothing in common.

use op2::prelude::*;

op2::sets! {
    Edges;
    Nodes;
    Cells;
}

fn run(wall: &Subset<Edges>, hot: &Subset<Cells>) -> op2::Result<Subset<Edges>> {
    wall.union(hot)
}

fn main() {}

//! First the set, then what each element holds.

use op2::prelude::*;

op2::sets! {
    Edges;
    Nodes;
    Cells;
}

fn run(x: &Dat<f64, Cells>, cx: &Context, cells: &Set<Cells>) -> op2::Result<Dat<f64, Cells>> {
    cx.dat_zeros(x.name(), cells)
}

fn main() {}

//! No map is used with the index.

use op2::prelude::*;

op2::sets! { Nodes; Edges; Cells; }

#[op2::kernel]
fn number(i: &u64, x: Write<u32>) {
    *x = *i as u32;
}

fn run(cells: &Set<Cells>, x: &Dat<Cells, u32>) -> op2::Result<()> {
    par_loop!(number, cells, index(i), x(Write))
}

fn main() {}

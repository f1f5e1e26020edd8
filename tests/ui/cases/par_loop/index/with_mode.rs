//! `index()` is always read.

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn number(i: &u64, x: op2::Write<u64>) {
    *x = *i;
}

fn run(cells: &Set<Cells>, x: &Dat<Cells, u64>) -> op2::Result<()> {
    par_loop!(number, cells, index(Read), x(Write))
}

fn main() {}

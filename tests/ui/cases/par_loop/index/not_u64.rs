//! Element numbers are u64.

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn number(i: &u32, x: op2::Write<u32>) {
    *x = *i;
}

fn run(cells: &Set<Cells>, x: &Dat<Cells, u32>) -> op2::Result<()> {
    par_loop!(number, cells, index(), x(Write))
}

fn main() {}

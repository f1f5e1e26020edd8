//! `ReadWrite` is `Rw` here.

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn scale(factor: &f64, x: &mut f64) {
    *x *= *factor;
}

fn run(cells: &Set<Cells>, x: &Dat<Cells, f64>) -> op2::Result<()> {
    par_loop!(scale, cells, 2.0(Read), x(ReadWrite))
}

fn main() {}

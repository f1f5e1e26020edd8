//! A reduction handle collects; it cannot be overwritten.

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn copy(from: &f64, to: op2::Write<f64>) {
    *to = *from;
}

fn run(cells: &Set<Cells>, x: &Dat<Cells, f64>, r: &Reduction<f64>) -> op2::Result<()> {
    par_loop!(copy, cells, x(Read), r(Write))
}

fn main() {}

//! Every element would overwrite the one value of a global.

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn copy(from: &f64, to: op2::Write<f64>) {
    *to = *from;
}

fn run(cells: &Set<Cells>, x: &Dat<Cells, f64>, last: &Global<f64>) -> op2::Result<()> {
    par_loop!(copy, cells, x(Read), last(Write))
}

fn main() {}

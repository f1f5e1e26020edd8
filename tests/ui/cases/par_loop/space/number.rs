//! A number of elements does not say of which set.

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn one(x: op2::Write<f64>) {
    *x = 1.0;
}

fn run(cells: &Set<Cells>, x: &Dat<Cells, f64>) -> op2::Result<()> {
    par_loop!(one, cells.size(), x(Write))
}

fn main() {}

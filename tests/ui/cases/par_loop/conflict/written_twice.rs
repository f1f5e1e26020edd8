//! One loop writes a value in one place.

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn two(a: op2::Write<f64>, b: op2::Write<f64>) {
    *a = 1.0;
    *b = 2.0;
}

fn run(cells: &Set<Cells>, x: &Dat<Cells, f64>) -> op2::Result<()> {
    par_loop!(two, cells, x(Write), x(Write))
}

fn main() {}

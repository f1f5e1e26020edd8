//! A function that kernels call is not a kernel itself.

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::function]
fn square(x: f64) -> f64 {
    x * x
}

fn run(cells: &Set<Cells>, a: &Dat<Cells, f64>) -> op2::Result<()> {
    par_loop!(square, cells, a(Read))
}

fn main() {}

//! The marker names the set in types; the loop needs the handle.

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn one(x: op2::Write<f64>) {
    *x = 1.0;
}

fn run(x: &Dat<Cells, f64>) -> op2::Result<()> {
    par_loop!(one, Cells, x(Write))
}

fn main() {}

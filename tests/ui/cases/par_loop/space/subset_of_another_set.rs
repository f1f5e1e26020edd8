//! The subset selects edges; the dat lives on the cells.

use op2::prelude::*;

op2::sets! { Cells; Edges; }

#[op2::kernel]
fn one(x: op2::Write<f64>) {
    *x = 1.0;
}

fn run(wall: &Subset<Edges>, x: &Dat<Cells, f64>) -> op2::Result<()> {
    par_loop!(one, wall, x(Write))
}

fn main() {}

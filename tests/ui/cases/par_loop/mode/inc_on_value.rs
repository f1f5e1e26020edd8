//! A plain value is read only: use a Global to collect a sum.

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn add(from: &f64, to: Inc<f64>) {
    *to += *from;
}

fn run(cells: &Set<Cells>, x: &Dat<Cells, f64>) -> op2::Result<()> {
    let sum = 0.0;
    par_loop!(add, cells, x(Read), sum(Inc))
}

fn main() {}

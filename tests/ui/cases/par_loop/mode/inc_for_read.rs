//! The kernel reads what the loop passes for adding.

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn add(from: &f64, to: Inc<f64>) {
    *to += *from;
}

fn run(cells: &Set<Cells>, a: &Dat<Cells, f64>, b: &Dat<Cells, f64>) -> op2::Result<()> {
    par_loop!(add, cells, a(Inc), b(Inc))
}

fn main() {}

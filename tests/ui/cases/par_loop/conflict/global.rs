//! A global that is read cannot collect in the same loop.

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn add(from: &f64, to: Inc<f64>) {
    *to += *from;
}

fn run(cells: &Set<Cells>, g: &Global<f64>) -> op2::Result<()> {
    par_loop!(add, cells, g(Read), g(Inc))
}

fn main() {}

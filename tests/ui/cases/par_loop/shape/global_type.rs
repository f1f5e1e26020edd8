//! The global holds an array, the kernel adds to a number.

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn add(from: &f64, to: Inc<f64>) {
    *to += *from;
}

fn run(cells: &Set<Cells>, x: &Dat<Cells, f64>, g: &Global<[f64; 2]>) -> op2::Result<()> {
    par_loop!(add, cells, x(Read), g(Inc))
}

fn main() {}

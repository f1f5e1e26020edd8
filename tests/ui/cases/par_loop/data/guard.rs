//! The guard of `read()` is for plain Rust; a loop takes the dat itself.

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn copy(from: &f64, to: op2::Write<f64>) {
    *to = *from;
}

fn run(cells: &Set<Cells>, a: &Dat<Cells, f64>, b: &Dat<Cells, f64>) -> op2::Result<()> {
    let a = a.read()?;
    par_loop!(copy, cells, a(Read), b(Write))
}

fn main() {}

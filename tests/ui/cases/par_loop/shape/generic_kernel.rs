//! A kernel with a type parameter takes one type in one loop.

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn copy<T: Real>(from: &T, to: op2::Write<T>) {
    *to = *from;
}

fn run(cells: &Set<Cells>, a: &Dat<Cells, f32>, b: &Dat<Cells, f64>) -> op2::Result<()> {
    par_loop!(copy::<f64>, cells, a(Read), b(Write))
}

fn main() {}

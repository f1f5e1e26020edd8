//! The dat has three components, the kernel takes two.

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn copy(from: &[f64; 2], to: op2::Write<[f64; 2]>) {
    *to = *from;
}

fn run(cells: &Set<Cells>, a: &Dat<Cells, [f64; 3]>, b: &Dat<Cells, [f64; 2]>) -> op2::Result<()> {
    par_loop!(copy, cells, a(Read), b(Write))
}

fn main() {}

//! A plain function is not a kernel.

use op2::prelude::*;

op2::sets! { Cells; }

fn copy(from: &f64, to: &mut f64) {
    *to = *from;
}

fn run(cells: &Set<Cells>, a: &Dat<Cells, f64>, b: &Dat<Cells, f64>) -> op2::Result<()> {
    par_loop!(copy, cells, a(Read), b(Write))
}

fn main() {}

//! The value is a u32, the kernel takes f64.

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn scale(factor: &f64, x: &mut f64) {
    *x *= *factor;
}

fn run(cells: &Set<Cells>, x: &Dat<Cells, f64>, n: u32) -> op2::Result<()> {
    par_loop!(scale, cells, n(Read), x(Rw))
}

fn main() {}

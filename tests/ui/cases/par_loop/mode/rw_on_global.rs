//! A global is read or combined, not both.

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn scale(factor: &f64, x: &mut f64) {
    *x *= *factor;
}

fn run(cells: &Set<Cells>, x: &Dat<Cells, f64>, g: &Global<f64>) -> op2::Result<()> {
    par_loop!(scale, cells, x(Read), g(Rw))
}

fn main() {}

//! A struct becomes a plain value by `derive(op2::Element)`.

use op2::prelude::*;

op2::sets! { Cells; }

struct Gas {
    gamma: f64,
}

#[op2::kernel]
fn scale(factor: &f64, x: &mut f64) {
    *x *= *factor;
}

fn run(cells: &Set<Cells>, gas: &Gas, x: &Dat<Cells, f64>) -> op2::Result<()> {
    par_loop!(scale, cells, gas(Read), x(Rw))
}

fn main() {}

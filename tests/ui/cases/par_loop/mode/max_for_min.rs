//! A smallest value is not a largest one.

use op2::prelude::*;

op2::sets! { Cells; }

#[op2::kernel]
fn least(x: &f64, m: Min<f64>) {
    *m = (*m).min(*x);
}

fn run(cells: &Set<Cells>, x: &Dat<Cells, f64>, m: &Global<f64>) -> op2::Result<()> {
    par_loop!(least, cells, x(Read), m(Max))
}

fn main() {}

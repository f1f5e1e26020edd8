//! The value in between means nothing.

use op2::prelude::*;

#[op2::kernel]
fn wrong(m: Max<f64>, q: op2::Write<f64>) {
    *q = *m;
}

fn main() {}

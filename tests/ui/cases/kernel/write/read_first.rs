//! The old value is not passed in: it may be anything.

use op2::prelude::*;

#[op2::kernel]
fn wrong(q: op2::Write<f64>, r: Inc<f64>) {
    *r += *q;
    *q = 1.0;
}

fn main() {}

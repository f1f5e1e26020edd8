//! Other elements add to it at the same time: the value in between means nothing.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, sum: Inc<f64>, out: op2::Write<f64>) {
    *sum += *x;
    *out = *sum;
}

fn main() {}

//! The right-hand side reads the sum.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, sum: Inc<f64>) {
    *sum += *sum * *x;
}

fn main() {}

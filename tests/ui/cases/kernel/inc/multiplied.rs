//! Only sums do not depend on the order of elements.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, sum: Inc<f64>) {
    *sum *= *x;
}

fn main() {}

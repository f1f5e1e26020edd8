//! The same in a condition.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, sum: Inc<f64>) {
    if *sum < 10.0 {
        *sum += *x;
    }
}

fn main() {}

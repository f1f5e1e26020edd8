//! Results leave a kernel through its parameters.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64) -> f64 {
    2.0 * *x
}

fn main() {}

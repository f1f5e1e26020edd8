//! A variable is not a function.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, y: Inc<f64>) {
    let twice = 2.0 * *x;
    *y += twice(1.0);
}

fn main() {}

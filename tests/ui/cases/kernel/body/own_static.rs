//! A kernel has no memory of its own.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, y: Inc<f64>) {
    static FACTOR: f64 = 2.0;
    *y += FACTOR * *x;
}

fn main() {}

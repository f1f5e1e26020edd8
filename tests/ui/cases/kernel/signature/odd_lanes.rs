//! Vectors hold a power of two.

use op2::prelude::*;

#[op2::kernel(lanes = 3)]
fn wrong(x: &f64, y: Inc<f64>) {
    *y += *x;
}

fn main() {}

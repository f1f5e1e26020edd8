//! The array has two components.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &[f64; 2], y: Inc<f64>) {
    *y += x[2];
}

fn main() {}

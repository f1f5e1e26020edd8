//! Modes are for kernels.

use op2::prelude::*;

#[op2::function]
fn wrong(x: f64, y: Inc<f64>) {
    *y += x;
}

fn main() {}

//! The number of arguments too.

use op2::prelude::*;

#[op2::function]
fn half(x: f64) -> f64 {
    0.5 * x
}

#[op2::kernel]
fn wrong(x: &f64, y: Inc<f64>) {
    *y += half(*x, 2.0);
}

fn main() {}

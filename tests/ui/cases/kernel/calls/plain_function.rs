//! Without the attribute, devices would not know it.

use op2::prelude::*;

fn half(x: f64) -> f64 {
    0.5 * x
}

#[op2::kernel]
fn wrong(x: &f64, y: Inc<f64>) {
    *y += half(*x);
}

fn main() {}

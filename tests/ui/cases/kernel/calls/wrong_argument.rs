//! The type of an argument is checked as everywhere.

use op2::prelude::*;

#[op2::function]
fn half(x: f64) -> f64 {
    0.5 * x
}

#[op2::kernel]
fn wrong(n: &u32, y: Inc<f64>) {
    *y += half(*n);
}

fn main() {}

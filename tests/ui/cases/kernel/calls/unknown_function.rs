//! A misspelt name is one error.

use op2::prelude::*;

#[op2::function]
fn half(x: f64) -> f64 {
    0.5 * x
}

#[op2::kernel]
fn wrong(x: &f64, y: Inc<f64>) {
    *y += hlaf(*x);
}

fn main() {}

//! A kernel cannot fail.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, y: Inc<f64>) {
    *y += half(*x)?;
}

fn half(x: f64) -> Option<f64> {
    Some(0.5 * x)
}

fn main() {}

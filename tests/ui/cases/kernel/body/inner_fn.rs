//! Helpers stand beside the kernel.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, y: Inc<f64>) {
    fn half(x: f64) -> f64 {
        0.5 * x
    }
    *y += half(*x);
}

fn main() {}

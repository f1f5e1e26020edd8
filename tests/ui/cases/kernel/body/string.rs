//! Kernels compute with numbers.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, y: Inc<f64>) {
    let name = "cell";
    *y += *x;
}

fn main() {}

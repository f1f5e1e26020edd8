//! A kernel reaches data through its parameters only.

use op2::prelude::*;

#[op2::kernel]
unsafe fn wrong(x: &f64, y: Inc<f64>) {
    *y += *x;
}

fn main() {}

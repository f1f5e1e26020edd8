//! Data is reached through parameters only.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &[f64; 2], y: Inc<f64>) {
    *y += unsafe { *x.get_unchecked(0) };
}

fn main() {}

//! Numbers and arrays are copied.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &[f64; 2], y: Inc<f64>) {
    let a = x.clone();
    *y += a[0];
}

fn main() {}

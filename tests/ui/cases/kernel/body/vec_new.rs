//! A kernel has arrays, no heap.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, y: Inc<f64>) {
    let mut a = Vec::new();
    a.push(*x);
    *y += a[0];
}

fn main() {}

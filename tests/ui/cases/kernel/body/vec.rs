//! A kernel has arrays, no heap.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, y: Inc<f64>) {
    let a = vec![*x; 3];
    *y += a[0];
}

fn main() {}

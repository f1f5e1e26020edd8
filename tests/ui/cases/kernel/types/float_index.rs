//! Components are counted.

use op2::prelude::*;

#[op2::kernel]
fn wrong(i: &f64, x: &[f64; 3], y: Inc<f64>) {
    *y += x[*i];
}

fn main() {}

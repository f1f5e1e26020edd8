//! The same for one component.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &[f64; 2], y: Inc<f64>) {
    x[0] += 1.0;
    *y += x[1];
}

fn main() {}

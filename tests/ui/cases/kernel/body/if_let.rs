//! Conditions compare numbers.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, y: Inc<f64>) {
    if let 0.0 = *x {
        *y += 1.0;
    }
}

fn main() {}

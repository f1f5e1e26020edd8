//! The number of components is part of the type.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &[f64], y: Inc<f64>) {
    *y += x[0];
}

fn main() {}

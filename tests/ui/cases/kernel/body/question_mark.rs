//! A kernel cannot fail.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, y: Inc<f64>) {
    *y += (*x)?;
}

fn main() {}

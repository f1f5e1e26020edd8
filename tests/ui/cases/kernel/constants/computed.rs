//! A `const` of the body is known when compiling.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, y: Inc<f64>) {
    const TWICE: f64 = 2.0 * *x;
    *y += TWICE;
}

fn main() {}

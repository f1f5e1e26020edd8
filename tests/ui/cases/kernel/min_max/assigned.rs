//! Assigning forgets what other elements found.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, m: Max<f64>) {
    *m = *x;
}

fn main() {}

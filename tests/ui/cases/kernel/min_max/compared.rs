//! A comparison by hand reads it.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, m: Min<f64>) {
    if *x < *m {
        *m = *x;
    }
}

fn main() {}

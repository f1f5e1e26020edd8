//! A smallest value is no sum.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, m: Min<f64>) {
    *m += *x;
}

fn main() {}

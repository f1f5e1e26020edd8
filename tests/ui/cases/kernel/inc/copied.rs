//! A second name for it would escape the rules.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, sum: Inc<f64>) {
    let s = sum;
    *s += *x;
}

fn main() {}

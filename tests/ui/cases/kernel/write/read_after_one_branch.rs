//! Assigned in one branch only.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, q: op2::Write<f64>, r: Inc<f64>) {
    if *x > 0.0 {
        *q = *x;
    }
    *r += *q;
}

fn main() {}

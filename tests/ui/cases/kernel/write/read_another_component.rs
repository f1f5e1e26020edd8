//! One component is assigned, another is read.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, q: op2::Write<[f64; 2]>, r: Inc<f64>) {
    q[0] = *x;
    *r += q[0] + q[1];
}

fn main() {}

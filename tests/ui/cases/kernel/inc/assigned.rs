//! Assigning would undo what other elements added.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &[f64; 2], sum: Inc<[f64; 2]>) {
    sum[0] += x[0];
    sum[1] = x[1];
}

fn main() {}

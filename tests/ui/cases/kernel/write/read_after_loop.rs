//! The loop may run not at all.

use op2::prelude::*;

#[op2::kernel]
fn wrong(n: &u32, q: op2::Write<f64>, r: Inc<f64>) {
    for i in 0..*n {
        *q = i as f64;
    }
    *r += *q;
}

fn main() {}

//! Three mistakes in one body, three errors.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, sum: Inc<f64>, q: op2::Write<f64>, m: Max<f64>) {
    *sum = *x;
    let old = *q;
    *m = (*m).min(*x);
    *q = old;
}

fn main() {}

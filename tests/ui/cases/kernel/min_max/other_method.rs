//! A Min parameter combined by `max`.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, m: Min<f64>) {
    *m = (*m).max(*x);
}

fn main() {}

//! A constant changes between loops, by `set`.

use op2::prelude::*;

op2::constants! {
    GAM: f64 = 1.4;
}

#[op2::kernel]
fn wrong(x: &f64, y: Inc<f64>) {
    GAM = 2.0;
    *y += *x;
}

fn main() {}

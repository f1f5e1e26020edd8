//! Numbers are not converted silently.

use op2::prelude::*;

#[op2::kernel]
fn wrong(n: &i32, x: &f64, y: Inc<f64>) {
    *y += *n + *x;
}

fn main() {}

//! Parameters have one name each.

use op2::prelude::*;

#[op2::kernel]
fn wrong([a, b]: &[f64; 2], y: Inc<f64>) {
    *y += *a * *b;
}

fn main() {}

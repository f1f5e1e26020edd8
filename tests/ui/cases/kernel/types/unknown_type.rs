//! A misspelt type is one error.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &Gas, y: Inc<f64>) {
    *y += x.p;
}

fn main() {}

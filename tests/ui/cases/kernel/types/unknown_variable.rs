//! A misspelt variable is one error.

use op2::prelude::*;

#[op2::kernel]
fn wrong(speed: &f64, y: Inc<f64>) {
    *y += sped * 2.0;
}

fn main() {}

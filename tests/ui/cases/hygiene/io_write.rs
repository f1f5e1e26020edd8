//! `std::io::Write` hides the alias: write `op2::Write<f64>`.

use std::io::Write;

#[op2::kernel]
fn wrong(x: &f64, y: Write<f64>) {
    *y = *x;
}

fn main() {}

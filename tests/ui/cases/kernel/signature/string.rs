//! Data are numbers.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &String, y: Inc<f64>) {
    *y += 1.0;
}

fn main() {}

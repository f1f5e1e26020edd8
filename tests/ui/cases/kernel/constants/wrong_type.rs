//! A constant has one type.

use op2::prelude::*;

op2::constants! {
    STEPS: u32 = 4;
}

#[op2::kernel]
fn wrong(x: &f64, y: Inc<f64>) {
    let steps: f64 = STEPS;
    *y += steps * *x;
}

fn main() {}

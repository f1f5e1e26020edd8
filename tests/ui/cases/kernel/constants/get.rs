//! In a kernel, a constant is its value.

use op2::prelude::*;

op2::constants! {
    GAM: f64 = 1.4;
}

#[op2::kernel]
fn wrong(x: &f64, y: Inc<f64>) {
    *y += GAM.get() * *x;
}

fn main() {}

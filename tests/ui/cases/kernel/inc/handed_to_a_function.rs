//! Nobody could tell what the function does with it.

use op2::prelude::*;

#[op2::function]
fn double(x: &mut f64) {
    *x = *x + *x;
}

#[op2::kernel]
fn wrong(sum: Inc<f64>) {
    double(sum);
}

fn main() {}

//! A kernel is run over a set, not called by another.

use op2::prelude::*;

#[op2::kernel]
fn add(x: &f64, y: Inc<f64>) {
    *y += *x;
}

#[op2::kernel]
fn wrong(x: &f64, y: &mut f64) {
    add(x, y);
}

fn main() {}

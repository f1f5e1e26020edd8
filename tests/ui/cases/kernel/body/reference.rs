//! A reference to a component: name the place where it is used.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &[f64; 2], y: Inc<f64>) {
    let first = &x[0];
    *y += *first;
}

fn main() {}

//! A kernel keeps no references.

use op2::prelude::*;

#[op2::kernel]
fn wrong<'a>(x: &'a f64, y: Inc<'a, f64>) {
    *y += *x;
}

fn main() {}

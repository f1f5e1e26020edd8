//! A type parameter computes only with `Real` (or `Number`).

use op2::prelude::*;

#[op2::kernel]
fn wrong<T: Copy>(x: &T, y: Inc<T>) {
    *y += *x;
}

fn main() {}

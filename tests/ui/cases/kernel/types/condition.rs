//! A condition is a truth value.

use op2::prelude::*;

#[op2::kernel]
fn wrong(n: &u32, y: Inc<f64>) {
    if *n {
        *y += 1.0;
    }
}

fn main() {}

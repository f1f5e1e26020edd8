//! A static is neither a `const` nor declared by `op2::constants!`.

use op2::prelude::*;

static FACTOR: f64 = 2.0;

#[op2::kernel]
fn wrong(x: &f64, y: Inc<f64>) {
    *y += FACTOR * *x;
}

fn main() {}

//! The type parameter needs a name.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &impl Real, y: Inc<f64>) {
    *y += 1.0;
}

fn main() {}

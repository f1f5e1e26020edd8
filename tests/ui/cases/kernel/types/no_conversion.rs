//! Numbers are not converted silently.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f32, y: Inc<f64>) {
    *y += *x;
}

fn main() {}

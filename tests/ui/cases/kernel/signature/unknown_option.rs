//! Options are `lanes` and `host`.

use op2::prelude::*;

#[op2::kernel(vectorize)]
fn wrong(x: &f64, y: Inc<f64>) {
    *y += *x;
}

fn main() {}

//! Elements are independent already.

use op2::prelude::*;

#[op2::kernel]
async fn wrong(x: &f64, y: Inc<f64>) {
    *y += *x;
}

fn main() {}

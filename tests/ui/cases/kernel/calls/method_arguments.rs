//! `powi` takes one number.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, y: Inc<f64>) {
    *y += (*x).powi();
}

fn main() {}

//! Devices have no closures.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, y: Inc<f64>) {
    let square = |a: f64| a * a;
    *y += square(*x);
}

fn main() {}

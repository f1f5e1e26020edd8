//! Printing is for the program around the loop.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, y: Inc<f64>) {
    println!("{x}");
    *y += *x;
}

fn main() {}

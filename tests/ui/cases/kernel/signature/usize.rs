//! The width of `usize` differs between machines.

use op2::prelude::*;

#[op2::kernel]
fn wrong(n: &usize, y: Inc<f64>) {
    *y += *n as f64;
}

fn main() {}

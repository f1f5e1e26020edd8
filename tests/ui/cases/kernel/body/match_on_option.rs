//! `match` is over literals: it becomes a switch.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, y: Inc<f64>) {
    match Some(*x) {
        Some(v) => *y += v,
        None => {}
    }
}

fn main() {}

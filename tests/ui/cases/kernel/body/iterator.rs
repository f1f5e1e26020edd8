//! Loops run over ranges.

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &[f64; 4], y: Inc<f64>) {
    for v in x.iter() {
        *y += *v;
    }
}

fn main() {}

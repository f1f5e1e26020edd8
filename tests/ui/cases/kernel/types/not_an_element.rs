//! A struct in a dat derives `Element`.

use op2::prelude::*;

#[derive(Clone, Copy)]
struct Gas {
    p: f64,
}

#[op2::kernel]
fn wrong(gas: &Gas, y: Inc<f64>) {
    *y += gas.p;
}

fn main() {}

//! Fields are those of the struct.

use op2::prelude::*;

#[repr(C)]
#[derive(Clone, Copy, op2::Element)]
struct Gas {
    p: f64,
}

#[op2::kernel]
fn wrong(gas: &Gas, y: Inc<f64>) {
    *y += gas.q;
}

fn main() {}

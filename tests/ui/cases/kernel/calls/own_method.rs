//! A method of a struct is unknown to devices.

use op2::prelude::*;

#[repr(C)]
#[derive(Clone, Copy, op2::Element)]
struct Gas {
    p: f64,
}

impl Gas {
    fn pressure(&self) -> f64 {
        self.p
    }
}

#[op2::kernel]
fn wrong(gas: &Gas, y: Inc<f64>) {
    *y += gas.pressure();
}

fn main() {}

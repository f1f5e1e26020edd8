//! Constants are used by their name.

use op2::prelude::*;

mod gas {
    pub const GAM: f64 = 1.4;
}

#[op2::kernel]
fn wrong(x: &f64, y: Inc<f64>) {
    *y += gas::GAM * *x;
}

fn main() {}

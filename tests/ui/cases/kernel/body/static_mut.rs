//! Elements would race for it.

use op2::prelude::*;

static mut CALLS: u32 = 0;

#[op2::kernel]
fn wrong(x: &f64, y: Inc<f64>) {
    CALLS += 1;
    *y += *x;
}

fn main() {}

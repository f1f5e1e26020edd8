//! `Inc` of what?

use op2::prelude::*;

#[op2::kernel]
fn wrong(x: &f64, y: Inc) {
    *y += *x;
}

fn main() {}

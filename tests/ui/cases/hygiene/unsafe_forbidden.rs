//! The macros compile under `forbid(unsafe_code)`; unsafe code of the program does not.

#![forbid(unsafe_code)]

use op2::prelude::*;

#[op2::kernel(host)]
fn wrong(x: &[f64; 2], y: Inc<f64>) {
    *y += unsafe { *x.get_unchecked(0) };
}

fn main() {}

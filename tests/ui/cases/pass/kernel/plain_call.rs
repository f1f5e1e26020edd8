//! A kernel is still a function.

#![deny(warnings)]

use op2::prelude::*;

#[op2::kernel]
fn add(from: &f64, to: Inc<f64>) {
    *to += *from;
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let mut sum = 1.0;
    add(&2.0, &mut sum);
    assert_eq!(sum, 3.0);
    drop(cx);
    Ok(())
}

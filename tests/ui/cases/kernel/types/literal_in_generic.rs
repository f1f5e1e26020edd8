//! A literal has a type of its own: a generic kernel says `T::from_f64`.

use op2::prelude::*;

#[op2::kernel]
fn wrong<T: Real>(x: &T, y: Inc<T>) {
    *y += *x * 0.5;
}

fn main() {}

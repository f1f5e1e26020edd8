//! The first value has the declared type.

use op2::prelude::*;

op2::constants! {
    GAM: f64 = 1;
}

fn main() {}

//! Constants are numbers, arrays and element structs.

use op2::prelude::*;

op2::constants! {
    NAME: String = String::new();
}

fn main() {}

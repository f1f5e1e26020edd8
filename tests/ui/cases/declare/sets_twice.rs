//! One name, one set.

use op2::prelude::*;

op2::sets! {
    Cells;
    Cells;
}

fn main() {}

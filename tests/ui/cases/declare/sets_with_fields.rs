//! A marker has no content.

use op2::prelude::*;

op2::sets! {
    Cells { volume: f64 }
}

fn main() {}

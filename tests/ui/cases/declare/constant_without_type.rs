//! A constant needs its type: loops copy it to devices.

use op2::prelude::*;

op2::constants! {
    GAM = 1.4;
}

fn main() {}

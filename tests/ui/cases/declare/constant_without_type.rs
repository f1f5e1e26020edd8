//! A constant needs its type: loops copy it to devices.

op2::constants! {
    GAM = 1.4;
}

fn main() {}

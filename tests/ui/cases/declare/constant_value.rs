//! The first value has the declared type.

op2::constants! {
    GAM: f64 = 1;
}

fn main() {}

//! Constants are numbers, arrays and element structs.

op2::constants! {
    NAME: String = String::new();
}

fn main() {}

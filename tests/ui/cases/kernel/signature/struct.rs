//! The attribute is for functions.

#[op2::kernel]
struct Wrong {
    x: f64,
}

fn main() {}

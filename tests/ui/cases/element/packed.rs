//! References to its fields would not be aligned.

#[repr(C, packed)]
#[derive(Clone, Copy, op2::Element)]
struct State {
    flag: u8,
    rho: f64,
}

fn main() {}

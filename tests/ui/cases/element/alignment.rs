//! Dats and partial results lie at multiples of 16 bytes, not of more.

#[repr(C, align(64))]
#[derive(Clone, Copy, op2::Element)]
struct State {
    q: [f64; 8],
}

fn main() {}

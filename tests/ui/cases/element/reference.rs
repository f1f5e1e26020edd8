//! An element owns its numbers.

#[repr(C)]
#[derive(Clone, Copy, op2::Element)]
struct State<'a> {
    rho: &'a f64,
}

fn main() {}

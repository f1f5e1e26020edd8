//! One struct per type of number.

#[repr(C)]
#[derive(Clone, Copy, op2::Element)]
struct State<T> {
    rho: T,
}

fn main() {}

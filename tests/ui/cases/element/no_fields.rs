//! Nothing to store.

#[repr(C)]
#[derive(Clone, Copy, op2::Element)]
struct State;

fn main() {}

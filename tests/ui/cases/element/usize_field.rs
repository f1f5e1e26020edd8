//! The width of `usize` differs between machines.

#[repr(C)]
#[derive(Clone, Copy, op2::Element)]
struct State {
    count: usize,
}

fn main() {}

//! Seven unused bytes after the flag.

#[repr(C)]
#[derive(Clone, Copy, op2::Element)]
struct State {
    flag: u8,
    rho: f64,
}

fn main() {}

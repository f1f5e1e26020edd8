//! Four unused bytes after the flag.

#[repr(C)]
#[derive(Clone, Copy, op2::Element)]
struct State {
    rho: f64,
    flag: u32,
}

fn main() {}

//! Structs in structs derive `Element` too.

#[repr(C)]
#[derive(Clone, Copy)]
struct Velocity {
    u: f64,
    v: f64,
}

#[repr(C)]
#[derive(Clone, Copy, op2::Element)]
struct State {
    rho: f64,
    velocity: Velocity,
}

fn main() {}

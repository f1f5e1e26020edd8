//! Without `repr(C)` the compiler orders the fields.

#[derive(Clone, Copy, op2::Element)]
struct State {
    rho: f64,
    u: [f64; 2],
}

fn main() {}

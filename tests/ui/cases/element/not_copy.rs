//! Elements are copied: derive `Clone, Copy`.

#[repr(C)]
#[derive(op2::Element)]
struct State {
    rho: f64,
}

fn main() {}

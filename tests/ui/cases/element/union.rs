//! Nobody could tell which field holds.

#[repr(C)]
#[derive(Clone, Copy, op2::Element)]
union Either {
    a: f64,
    b: u64,
}

fn main() {}

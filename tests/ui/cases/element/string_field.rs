//! A String lives on the heap.

#[repr(C)]
#[derive(Clone, op2::Element)]
struct State {
    name: String,
}

fn main() {}

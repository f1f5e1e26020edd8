//! Not every byte would be a case of the enum.

#[repr(u8)]
#[derive(Clone, Copy, op2::Element)]
enum Kind {
    Wall,
    Inflow,
}

fn main() {}

//! A struct with a length is looked at for each length that is used, also inside another struct.

#[repr(C)]
#[derive(Clone, Copy, op2::Element)]
struct Flags<const N: usize> {
    flags: [u8; N],
    count: u32,
}

type Four = Flags<4>;
type One = Flags<1>;

#[repr(C)]
#[derive(Clone, Copy, op2::Element)]
struct Right {
    part: Four,
}

#[repr(C)]
#[derive(Clone, Copy, op2::Element)]
struct Wrong {
    part: One,
}

fn main() {}

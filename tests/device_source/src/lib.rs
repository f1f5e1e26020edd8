//! Kernels to be written as C: random ones, and those of the suite and of the examples.
//!
//! `build.rs` writes them; the tests compare what they compute in Rust with what their C computes. And whole
//! [`loops`], to be written in all their [`forms`].

pub mod forms;
pub mod language;
pub mod loops;

/// What a random kernel reads.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, op2::Element)]
pub struct In {
    /// Numbers of each type.
    pub f64s: [f64; 4],
    #[allow(missing_docs)]
    pub i64s: [i64; 4],
    #[allow(missing_docs)]
    pub u64s: [u64; 4],
    #[allow(missing_docs)]
    pub f32s: [f32; 4],
    #[allow(missing_docs)]
    pub i32s: [i32; 4],
    #[allow(missing_docs)]
    pub u32s: [u32; 4],
    #[allow(missing_docs)]
    pub u8s: [u8; 8],
}

/// What a random kernel changes.
pub type Out = In;

/// A random kernel, as Rust and as data.
pub type Case = (fn(&In, &mut Out), &'static op2_core::kernel::KernelInfo);

pub use collected::all;
pub use random::KERNELS;

mod random {
    #![allow(unused, clippy::all, clippy::pedantic)]
    #![allow(arithmetic_overflow, unconditional_panic)]
    use super::{Case, In, Out};

    /// Fields in another order than they are written in a literal.
    #[repr(C)]
    #[derive(Clone, Copy, op2::Element)]
    struct Pair {
        real: f64,
        whole: i32,
        tag: i32,
    }

    #[op2::function]
    fn exchange<T: Copy>(place: &mut T, value: T) -> T {
        let old = *place;
        *place = value;
        old
    }

    #[op2::function]
    fn swapped<A: Copy, B: Copy>(a: A, b: B) -> (B, A) {
        (b, a)
    }

    #[op2::function]
    fn larger<T: Copy + PartialOrd>(a: T, b: T) -> (bool, T) {
        if a > b {
            return (true, a);
        }
        (false, b)
    }

    include!(concat!(env!("OUT_DIR"), "/random.rs"));
}

mod collected {
    include!(concat!(env!("OUT_DIR"), "/collected.rs"));
}

//! What names in kernels and element structs stand for, where only the compiler can know.

use crate::base::element::Element;

/// What a struct of `derive(Element)` may be made of: any bits are a value of it. Implemented by the
/// derive.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of an element",
    label = "not plain data",
    note = "fields are f64, f32, i32, i64, u32, u64, u8, arrays of these, and element structs; a truth value is a u8"
)]
pub trait ElementField: Element {}

macro_rules! fields {
    ($($ty:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl ElementField for $ty {}
    )*};
}

fields!(f64, f32, i32, i64, u32, u64, u8);
#[diagnostic::do_not_recommend]
impl<T: ElementField, const N: usize> ElementField for [T; N] {}

/// Where a type is an element, its `DIM`: computing it finds padding.
pub struct Dim<T>(std::marker::PhantomData<T>);

impl<T: Element> Dim<T> {
    /// The element's.
    pub const DIM: usize = T::DIM;
}

/// For what is no element, which is reported elsewhere.
pub trait NoDim {
    /// Nothing.
    const DIM: usize = 0;
}

impl<T> NoDim for Dim<T> {}

/// A type that stands for a number in a kernel.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is used as a number in a kernel, but it is none",
    label = "no target knows the arithmetic of this type"
)]
pub trait IsScalar {}

macro_rules! scalars {
    ($($ty:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl IsScalar for $ty {}
    )*};
}

scalars!(f64, f32, i8, i16, i32, i64, isize, u8, u16, u32, u64, usize, bool);

/// Checks that a type's name means a number.
pub fn scalar<T: IsScalar>() {}

/// Nothing is this: a kernel sees parameters, its own variables and constants.
#[diagnostic::on_unimplemented(
    message = "a kernel cannot use this name from outside",
    label = "neither a parameter nor a variable of the kernel",
    note = "constants are declared with `op2::constants!` or `const` and named in capitals; functions are only called"
)]
pub trait KnownInKernels {}

/// Refuses a value from outside a kernel.
pub fn outside<T: KnownInKernels>(_: &T) {}

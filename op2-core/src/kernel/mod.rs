//! Floor 3: what `#[op2::kernel]` says of a kernel; and the kernel in the languages of devices.

pub mod code;
pub mod source;

use std::marker::PhantomData;

use crate::base::element::ElementKind;
use crate::mesh::access::Access;

/// A kernel, as plain data.
#[derive(Debug)]
pub struct KernelInfo {
    /// The function's name.
    pub name: &'static str,
    /// Where it is written.
    pub file: &'static str,
    /// The line it starts at.
    pub line: u32,
    /// Its parameters, in order.
    pub params: &'static [ParamInfo],
    /// Arithmetic per element.
    pub cost: Cost,
    /// Runs on the CPU only (`#[op2::kernel(host)]`).
    pub host: bool,
    /// How many elements the staged loop takes at a time.
    pub lanes: usize,
    /// What it does, for devices; `None` for a host kernel.
    pub code: Option<code::Instance>,
}

/// One parameter of a kernel.
#[derive(Debug)]
pub struct ParamInfo {
    /// Its name in the function.
    pub name: &'static str,
    /// How the kernel uses it.
    pub access: Access,
    /// The shape of its value.
    pub kind: ElementKind,
}

/// Arithmetic operations of one call, counted in the source; loops of constant length are
/// multiplied out, branches all counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Additions, subtractions, multiplications.
    pub flops: u32,
    /// Divisions and remainders.
    pub divisions: u32,
    /// Square roots.
    pub square_roots: u32,
    /// Exponentials, logarithms, trigonometric functions, powers.
    pub transcendentals: u32,
}

impl Cost {
    /// All operations, each counted as one.
    pub fn total(&self) -> u32 {
        let others = [self.divisions, self.square_roots, self.transcendentals];
        others.iter().fold(self.flops, |sum, part| sum.saturating_add(*part))
    }
}

/// A type that stands for a kernel.
///
/// # Safety
/// Implemented by `#[op2::kernel]` only: loops trust `CONSTANT_BYTES` and `store_constants`.
pub unsafe trait Kernel: 'static {
    /// The kernel as plain data.
    const INFO: &'static KernelInfo;
    /// Bytes that its constants take.
    const CONSTANT_BYTES: usize;

    /// Writes the constants' present values.
    ///
    /// # Errors
    /// The name of a constant that has no value.
    ///
    /// # Safety
    /// `buffer` must be valid for `CONSTANT_BYTES` bytes and aligned to 16.
    unsafe fn store_constants(buffer: *mut u8) -> Result<(), &'static str>;
}

/// The content of a value that stands for a kernel: its generic parameters, left to be inferred.
pub struct Tag<K>(PhantomData<fn() -> K>);

impl<K> Tag<K> {
    /// The only value.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<K> Clone for Tag<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Tag<K> {}

/// What a kernel says of one parameter: its mode and value type.
pub struct Param<M, T>(PhantomData<fn() -> (M, T)>);

impl<M, T> Param<M, T> {
    /// The only value.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<M, T> Clone for Param<M, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, T> Copy for Param<M, T> {}

#[cfg(test)]
mod tests {
    use super::Cost;

    #[test]
    fn more_operations_than_can_be_counted_are_the_most_that_can() {
        let cost = Cost { flops: u32::MAX, divisions: 2, ..Cost::default() };
        assert_eq!(cost.total(), u32::MAX);
    }
}

//! Named constants that kernels read, declared by `op2::constants!`.
//!
//! A loop reads the constants of its kernel once, when it starts: in the kernel they are plain
//! values. A constant may be changed between loops.

use std::fmt;
use std::mem::{align_of, size_of};
use std::sync::{PoisonError, RwLock};

use crate::base::element::Element;

/// A run-wide value that kernels use by name (OP2's `op_decl_const`, `PyOP2`'s `Const`).
pub struct Const<T> {
    name: &'static str,
    value: RwLock<Option<T>>,
}

impl<T: Element> Const<T> {
    /// A constant with its first value; without one it must be set before a loop uses it.
    pub const fn new(name: &'static str, value: Option<T>) -> Self {
        Self { name, value: RwLock::new(value) }
    }

    /// The constant's name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Gives the constant a value; loops started from now on use it.
    pub fn set(&self, value: T) {
        *self.value.write().unwrap_or_else(PoisonError::into_inner) = Some(value);
    }

    /// The value, if the constant has one.
    pub fn try_get(&self) -> Option<T> {
        *self.value.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value.
    ///
    /// # Panics
    /// When the constant was never set.
    pub fn get(&self) -> T {
        self.try_get()
            .unwrap_or_else(|| panic!("constant `{}` is used before it is set", self.name))
    }
}

impl<T: Element + fmt::Debug> fmt::Debug for Const<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {:?}", self.name, self.try_get())
    }
}

/// What a kernel may name in capitals: a [`Const`], or an ordinary Rust `const`.
///
/// A `Const` travels in the loop's constant buffer; a Rust `const` stays where it is, so that the
/// compiler still knows its value.
///
/// # Safety
/// `SIZE` and `ALIGN` must be those of what `store` writes and `load` reads.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be used as a constant in a kernel",
    label = "neither an op2 constant nor a Rust `const` of a number or array type",
    note = "declare it with `op2::constants!` or as a `const` of a number, a truth value or an array of these"
)]
pub unsafe trait Constant {
    /// The type that the kernel sees.
    type Value: Copy;
    /// Bytes in the constant buffer.
    const SIZE: usize;
    /// Alignment in the constant buffer.
    const ALIGN: usize;

    /// Writes the value into the buffer.
    ///
    /// # Errors
    /// The name of a constant that has no value.
    ///
    /// # Safety
    /// `slot` must be valid for `SIZE` bytes, aligned to `ALIGN`.
    unsafe fn store(&self, slot: *mut u8) -> Result<(), &'static str>;

    /// Reads the value back.
    ///
    /// # Safety
    /// `slot` must have been filled by `store` of the same constant.
    unsafe fn load(&self, slot: *const u8) -> Self::Value;
}

// SAFETY: a T is written and read.
unsafe impl<T: Element> Constant for Const<T> {
    type Value = T;
    const SIZE: usize = size_of::<T>();
    const ALIGN: usize = align_of::<T>();

    unsafe fn store(&self, slot: *mut u8) -> Result<(), &'static str> {
        let value = self.try_get().ok_or(self.name)?;
        // SAFETY: the caller's promise.
        unsafe { slot.cast::<T>().write(value) };
        Ok(())
    }

    #[inline(always)]
    unsafe fn load(&self, slot: *const u8) -> T {
        // SAFETY: the caller's promise.
        unsafe { slot.cast::<T>().read() }
    }
}

macro_rules! rust_constants {
    ($($ty:ty),*) => {$(
        // SAFETY: nothing is written or read.
        unsafe impl Constant for $ty {
            type Value = Self;
            const SIZE: usize = 0;
            const ALIGN: usize = 1;
            unsafe fn store(&self, _: *mut u8) -> Result<(), &'static str> {
                Ok(())
            }
            #[inline(always)]
            unsafe fn load(&self, _: *const u8) -> Self {
                *self
            }
        }
    )*};
}

rust_constants!(f64, f32, i8, i16, i32, i64, isize, u8, u16, u32, u64, usize, bool);

// SAFETY: nothing is written or read.
unsafe impl<T: Copy, const N: usize> Constant for [T; N] {
    type Value = Self;
    const SIZE: usize = 0;
    const ALIGN: usize = 1;
    unsafe fn store(&self, _: *mut u8) -> Result<(), &'static str> {
        Ok(())
    }
    #[inline(always)]
    unsafe fn load(&self, _: *const u8) -> Self {
        *self
    }
}

/// Where a constant goes that comes at `end` or later in the buffer, and where it ends.
pub const fn place<C: Constant>(end: usize, _: &C) -> (usize, usize) {
    let start = end.next_multiple_of(C::ALIGN);
    (start, start + C::SIZE)
}

/// Where the constants of a called function may start.
pub const fn aligned(end: usize) -> usize {
    end.next_multiple_of(16)
}

/// Gives `call` a buffer of `bytes` bytes that `store` has filled.
///
/// # Panics
/// When `store` names a constant that has no value.
pub fn with_constants<R>(
    bytes: usize,
    store: impl FnOnce(*mut u8) -> Result<(), &'static str>,
    call: impl FnOnce(*const u8) -> R,
) -> R {
    let mut buffer = vec![0_u128; bytes.div_ceil(16)];
    let buffer = buffer.as_mut_ptr().cast::<u8>();
    if let Err(name) = store(buffer) {
        panic!("constant `{name}` is used before it is set");
    }
    call(buffer)
}

//! What a dat may hold: plain values of fixed size, seen as rows of leaves.
//!
//! An [`Element`] is one row of a dat. Arrays are rows of their items, down to a
//! *leaf*: a number or a whole user struct. Layouts other than row by row move leaves,
//! never parts of them.

use bytemuck::Zeroable;
use std::ops::Add;

/// The number types that every target knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ScalarKind {
    /// 64-bit floating point.
    F64,
    /// 32-bit floating point.
    F32,
    /// 32-bit signed integer.
    I32,
    /// 64-bit signed integer.
    I64,
    /// 32-bit unsigned integer.
    U32,
    /// 64-bit unsigned integer.
    U64,
    /// 8-bit unsigned integer.
    U8,
    /// A truth value, one byte of 0 or 1.
    Bool,
}

/// The shape of an element, as data: what a device or a file writer needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementKind {
    /// One number.
    Scalar(ScalarKind),
    /// `len` items of one kind.
    Array {
        /// The kind of each item.
        of: &'static ElementKind,
        /// How many items.
        len: usize,
    },
    /// A user's `#[repr(C)]` struct without padding.
    Struct {
        /// The struct's name.
        name: &'static str,
        /// What its const parameters are.
        parameters: &'static [i128],
        /// Its fields, in memory order.
        fields: &'static [Field],
    },
}

/// One field of an element struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The field's name (its index for tuple structs).
    pub name: &'static str,
    /// Bytes from the start of the struct.
    pub offset: usize,
    /// What the field holds.
    pub kind: ElementKind,
}

impl std::fmt::Display for ElementKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Scalar(kind) => f.write_str(kind.name()),
            Self::Array { of, len } => write!(f, "[{of}; {len}]"),
            Self::Struct { name, .. } => f.write_str(name),
        }
    }
}

impl ScalarKind {
    /// The Rust name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::F64 => "f64",
            Self::F32 => "f32",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::U8 => "u8",
            Self::Bool => "bool",
        }
    }

    /// Bytes of a number.
    pub const fn bytes(self) -> usize {
        match self {
            Self::F64 | Self::I64 | Self::U64 => 8,
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::U8 | Self::Bool => 1,
        }
    }
}

impl ElementKind {
    /// Bytes of an element: there is no padding.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Scalar(scalar) => scalar.bytes(),
            Self::Array { of, len } => of.bytes() * len,
            Self::Struct { fields, .. } => fields.iter().map(|field| field.kind.bytes()).sum(),
        }
    }
}

/// One row of a dat: a number, an array of elements, or a `#[derive(op2::Element)]` struct.
///
/// The three `accumulate`, `take_min`, `take_max` are how increments, minima and maxima of
/// different elements, threads and ranks are combined; arrays and structs combine leaf by leaf.
///
/// # Safety
/// `Self` must be exactly `DIM` consecutive values of `Leaf`, without padding or other uninitialized
/// bytes, aligned to 16 bytes at most, and `KIND` must describe its memory truly. Use the derive.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the element type of a dat",
    label = "not an element type",
    note = "elements are f64, f32, i32, i64, u32, u64, u8, bool, arrays of these, and structs with `#[repr(C)] #[derive(Clone, Copy, op2::Element)]`"
)]
pub unsafe trait Element: Copy + Zeroable + Send + Sync + 'static {
    /// The indivisible part: a number, or a whole struct.
    type Leaf: Element;
    /// What an array holds; `Self` for everything else.
    type Item: Element;
    /// Leaves in one element.
    const DIM: usize;
    /// Items in an array; 1 for everything else.
    const LEN: usize;
    /// The shape, as data.
    const KIND: ElementKind;
    /// `self += other`, leaf by leaf: logical or for truth values; integers wrap around, because copies that
    /// nobody reads are added to, too.
    fn accumulate(&mut self, other: &Self);
    /// `self = min(self, other)`, leaf by leaf.
    fn take_min(&mut self, other: &Self);
    /// `self = max(self, other)`, leaf by leaf.
    fn take_max(&mut self, other: &Self);
    /// The value that changes nothing in `take_min`.
    fn greatest() -> Self;
    /// The value that changes nothing in `take_max`.
    fn least() -> Self;
    /// Whether any number in it is a NaN or an infinity.
    fn has_non_finite(&self) -> bool;
}

macro_rules! scalar_element {
    ($($ty:ident $kind:ident ($least:expr, $greatest:expr) $add:path, $non_finite:expr;)*) => {$(
        // SAFETY: one leaf, itself.
        unsafe impl Element for $ty {
            type Leaf = Self;
            type Item = Self;
            const DIM: usize = 1;
            const LEN: usize = 1;
            const KIND: ElementKind = ElementKind::Scalar(ScalarKind::$kind);
            #[inline(always)]
            fn accumulate(&mut self, other: &Self) {
                *self = $add(*self, *other);
            }
            #[inline(always)]
            fn take_min(&mut self, other: &Self) {
                *self = (*self).min(*other);
            }
            #[inline(always)]
            fn take_max(&mut self, other: &Self) {
                *self = (*self).max(*other);
            }
            fn greatest() -> Self {
                $greatest
            }
            fn least() -> Self {
                $least
            }
            fn has_non_finite(&self) -> bool {
                let test: fn($ty) -> bool = $non_finite;
                test(*self)
            }
        }
    )*};
}

scalar_element! {
    f64 F64 (f64::NEG_INFINITY, f64::INFINITY) Add::add, |x| !x.is_finite();
    f32 F32 (f32::NEG_INFINITY, f32::INFINITY) Add::add, |x| !x.is_finite();
    i32 I32 (i32::MIN, i32::MAX) i32::wrapping_add, |_| false;
    i64 I64 (i64::MIN, i64::MAX) i64::wrapping_add, |_| false;
    u32 U32 (u32::MIN, u32::MAX) u32::wrapping_add, |_| false;
    u64 U64 (u64::MIN, u64::MAX) u64::wrapping_add, |_| false;
    u8 U8 (u8::MIN, u8::MAX) u8::wrapping_add, |_| false;
}

// SAFETY: one leaf, itself.
unsafe impl Element for bool {
    type Leaf = Self;
    type Item = Self;
    const DIM: usize = 1;
    const LEN: usize = 1;
    const KIND: ElementKind = ElementKind::Scalar(ScalarKind::Bool);
    fn accumulate(&mut self, other: &Self) {
        *self |= *other;
    }
    fn take_min(&mut self, other: &Self) {
        *self &= *other;
    }
    fn take_max(&mut self, other: &Self) {
        *self |= *other;
    }
    fn greatest() -> Self {
        true
    }
    fn least() -> Self {
        false
    }
    fn has_non_finite(&self) -> bool {
        false
    }
}

// SAFETY: N items of T::DIM leaves each, and arrays have no padding.
unsafe impl<T: Element, const N: usize> Element for [T; N] {
    type Leaf = T::Leaf;
    type Item = T;
    const DIM: usize = T::DIM * N;
    const LEN: usize = N;
    const KIND: ElementKind = ElementKind::Array { of: &T::KIND, len: N };
    #[inline(always)]
    fn accumulate(&mut self, other: &Self) {
        for i in 0..N {
            self[i].accumulate(&other[i]);
        }
    }
    #[inline(always)]
    fn take_min(&mut self, other: &Self) {
        for i in 0..N {
            self[i].take_min(&other[i]);
        }
    }
    #[inline(always)]
    fn take_max(&mut self, other: &Self) {
        for i in 0..N {
            self[i].take_max(&other[i]);
        }
    }
    fn greatest() -> Self {
        [T::greatest(); N]
    }
    fn least() -> Self {
        [T::least(); N]
    }
    fn has_non_finite(&self) -> bool {
        self.iter().any(T::has_non_finite)
    }
}

/// The values as bytes.
pub fn bytes_of<T: Element>(values: &[T]) -> &[u8] {
    // For structs with const generics, looking at `DIM` is what refuses padding.
    const { assert!(size_of::<T>() == T::DIM * size_of::<T::Leaf>(), "leaves without padding") };
    // SAFETY: elements have no uninitialized bytes (the trait's contract).
    unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }
}

/// Elements from their bytes.
///
/// # Panics
/// There are not as many.
///
/// # Safety
/// The bytes are those of `T`'s, as [`bytes_of`] gives them.
pub unsafe fn rows_from_bytes<T: Element>(bytes: &[u8], count: usize) -> Vec<T> {
    assert_eq!(bytes.len(), count * size_of::<T>(), "so many elements");
    // SAFETY: the bytes hold so many T's, wherever they lie.
    (0..count).map(|i| unsafe { bytes.as_ptr().cast::<T>().add(i).read_unaligned() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_seen_down_to_the_leaf() {
        assert_eq!(<[[f64; 2]; 3]>::DIM, 6);
        assert_eq!(<[[f64; 2]; 3]>::LEN, 3);
        assert_eq!(<[[f64; 2]; 3]>::KIND.to_string(), "[[f64; 2]; 3]");
    }

    #[test]
    fn elements_combine_leaf_by_leaf() {
        let mut a = [[1, 5], [3, 4]];
        a.accumulate(&[[1, 1], [1, 1]]);
        assert_eq!(a, [[2, 6], [4, 5]]);
        a.take_min(&[[3, 3], [3, 3]]);
        assert_eq!(a, [[2, 3], [3, 3]]);
        a.take_max(&<[[i32; 2]; 2]>::least());
        assert_eq!(a, [[2, 3], [3, 3]]);
    }

    #[test]
    fn non_finite_numbers_are_found_in_depth() {
        assert!([[0.0, f64::NAN]].has_non_finite());
        assert!(![[0.0, 1.0]].has_non_finite());
    }
}

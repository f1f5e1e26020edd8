//! The loops for dats of numbers.

use super::{Field, binary, loops, same};
use crate::{Dat, Number, Result, par_loop};

macro_rules! number_fields {
    ($($number:ident)*) => {$(
        impl Field for $number {
            type Scalar = $number;
            loops!($number);
        }
    )*};
}

number_fields! { f64 f32 i32 i64 u32 u64 }

mod kernels {
    use crate::{Inc, Max, Min, Number, Write, kernel};

    #[kernel]
    pub(super) fn fill<T: Number>(value: &T, x: Write<T>) {
        *x = *value;
    }

    #[kernel]
    pub(super) fn copy<T: Number>(x: &T, y: Write<T>) {
        *y = *x;
    }

    #[kernel]
    pub(super) fn axpy<T: Number>(a: &T, x: &T, y: &mut T) {
        *y += *a * *x;
    }

    #[kernel]
    pub(super) fn scale<T: Number>(a: &T, x: &mut T) {
        *x *= *a;
    }

    #[kernel]
    pub(super) fn add<T: Number>(x: &T, y: &T, z: Write<T>) {
        *z = *x + *y;
    }

    #[kernel]
    pub(super) fn add_to_first<T: Number>(x: &mut T, y: &T) {
        *x += *y;
    }

    #[kernel]
    pub(super) fn add_to_second<T: Number>(x: &T, y: &mut T) {
        *y = *x + *y;
    }

    #[kernel]
    pub(super) fn twice<T: Number>(x: &mut T) {
        *x += *x;
    }

    #[kernel]
    pub(super) fn sub<T: Number>(x: &T, y: &T, z: Write<T>) {
        *z = *x - *y;
    }

    #[kernel]
    pub(super) fn sub_from_first<T: Number>(x: &mut T, y: &T) {
        *x -= *y;
    }

    #[kernel]
    pub(super) fn sub_into_second<T: Number>(x: &T, y: &mut T) {
        *y = *x - *y;
    }

    #[kernel]
    pub(super) fn zero<T: Number>(x: &mut T) {
        *x -= *x;
    }

    #[kernel]
    pub(super) fn mul<T: Number>(x: &T, y: &T, z: Write<T>) {
        *z = *x * *y;
    }

    #[kernel]
    pub(super) fn mul_first<T: Number>(x: &mut T, y: &T) {
        *x *= *y;
    }

    #[kernel]
    pub(super) fn mul_second<T: Number>(x: &T, y: &mut T) {
        *y = *x * *y;
    }

    #[kernel]
    pub(super) fn square<T: Number>(x: &mut T) {
        *x *= *x;
    }

    #[kernel]
    pub(super) fn div<T: Number>(x: &T, y: &T, z: Write<T>) {
        *z = *x / *y;
    }

    #[kernel]
    pub(super) fn div_first<T: Number>(x: &mut T, y: &T) {
        *x /= *y;
    }

    #[kernel]
    pub(super) fn div_into_second<T: Number>(x: &T, y: &mut T) {
        *y = *x / *y;
    }

    #[kernel]
    pub(super) fn one<T: Number>(x: &mut T) {
        *x /= *x;
    }

    #[kernel(lanes = 32)]
    pub(super) fn dot<T: Number>(x: &T, y: &T, total: Inc<T>) {
        *total += *x * *y;
    }

    #[kernel(lanes = 32)]
    pub(super) fn sum<T: Number>(x: &T, total: Inc<T>) {
        *total += *x;
    }

    #[kernel(lanes = 32)]
    pub(super) fn min<T: Number>(x: &T, lowest: Min<T>) {
        *lowest = (*lowest).min(*x);
    }

    #[kernel(lanes = 32)]
    pub(super) fn max<T: Number>(x: &T, highest: Max<T>) {
        *highest = (*highest).max(*x);
    }

    #[kernel(lanes = 32)]
    pub(super) fn abs_max<T: Number>(x: &T, highest: Max<T>) {
        *highest = (*highest).max((*x).abs());
    }
}

//! The loops for dats of numbers.

use super::{Components, loops};
use crate::{Dat, Result, par_loop};

macro_rules! numbers {
    ($($number:ident)*) => {$(
        impl Components for $number {
            #[allow(clippy::cast_lossless)]
            fn push_numbers(&self, to: &mut Vec<f64>) {
                to.push(*self as f64);
            }

            fn of_numbers(numbers: &[f64]) -> Self {
                numbers[0] as $number
            }

            loops!($number);
        }
    )*};
}

numbers! { f64 f32 }

mod kernels {
    use crate::{Inc, Real, Write, kernel};

    #[kernel]
    pub(super) fn xpay<T: Real>(x: &T, a: &T, y: &mut T) {
        *y = *x + *a * *y;
    }

    #[kernel(lanes = 32)]
    pub(super) fn dot<T: Real>(x: &T, y: &T, sum: Inc<f64>) {
        *sum += (*x).to_f64() * (*y).to_f64();
    }

    #[kernel(lanes = 32)]
    pub(super) fn dots<T: Real>(x: &T, y: &T, z: &T, sums: Inc<[f64; 2]>) {
        sums[0] += (*x).to_f64() * (*y).to_f64();
        sums[1] += (*x).to_f64() * (*z).to_f64();
    }

    #[kernel(lanes = 32)]
    pub(super) fn axpy_dot<T: Real>(a: &T, x: &T, y: &mut T, z: &T, sum: Inc<f64>) {
        *y += *a * *x;
        *sum += (*y).to_f64() * (*z).to_f64();
    }

    #[kernel(lanes = 32)]
    pub(super) fn axpy_square<T: Real>(a: &T, x: &T, y: &mut T, sum: Inc<f64>) {
        *y += *a * *x;
        *sum += (*y).to_f64() * (*y).to_f64();
    }

    #[kernel]
    pub(super) fn combine<T: Real>(a: &[T; 3], x: &mut T, y: &T, z: &T) {
        *x = a[0] * *x + a[1] * *y + a[2] * *z;
    }

    #[kernel]
    pub(super) fn combine_step<T: Real>(a: &[T; 4], x: &mut T, y: &T, z: &T, u: &mut T) {
        *x = a[0] * *x + a[1] * *y + a[2] * *z;
        *u += a[3] * *x;
    }

    #[kernel(lanes = 32)]
    pub(super) fn step<T: Real>(a: &[T; 2], p: &T, x: &mut T, q: &T, r: &mut T, sum: Inc<f64>) {
        *x += a[0] * *p;
        *r += a[1] * *q;
        *sum += (*r).to_f64() * (*r).to_f64();
    }

    #[kernel(lanes = 32)]
    pub(super) fn mul_dots<T: Real>(d: &T, r: &T, z: Write<T>, sums: Inc<[f64; 2]>) {
        *z = *d * *r;
        sums[0] += (*r).to_f64() * (*z).to_f64();
        sums[1] += (*z).to_f64() * (*z).to_f64();
    }
}

//! The loops for dats of arrays of numbers.

use super::{Components, loops};
use crate::builtins::Field;
use crate::{Dat, Real, Result, par_loop};

impl<T: Components + Field<Scalar = T> + Real, const N: usize> Components for [T; N] {
    fn push_numbers(&self, to: &mut Vec<f64>) {
        to.extend(self.iter().map(|number| number.to_f64()));
    }

    fn of_numbers(numbers: &[f64]) -> Self {
        std::array::from_fn(|i| T::from_f64(numbers[i]))
    }

    loops!(T);
}

mod kernels {
    use crate::{Inc, Real, Write, kernel};

    #[kernel]
    pub(super) fn xpay<T: Real, const N: usize>(x: &[T; N], a: &T, y: &mut [T; N]) {
        for i in 0..N {
            y[i] = x[i] + *a * y[i];
        }
    }

    #[kernel]
    pub(super) fn dot<T: Real, const N: usize>(x: &[T; N], y: &[T; N], sum: Inc<f64>) {
        for i in 0..N {
            *sum += x[i].to_f64() * y[i].to_f64();
        }
    }

    #[kernel]
    pub(super) fn dots<T: Real, const N: usize>(
        x: &[T; N],
        y: &[T; N],
        z: &[T; N],
        sums: Inc<[f64; 2]>,
    ) {
        for i in 0..N {
            sums[0] += x[i].to_f64() * y[i].to_f64();
            sums[1] += x[i].to_f64() * z[i].to_f64();
        }
    }

    #[kernel]
    pub(super) fn axpy_dot<T: Real, const N: usize>(
        a: &T,
        x: &[T; N],
        y: &mut [T; N],
        z: &[T; N],
        sum: Inc<f64>,
    ) {
        for i in 0..N {
            y[i] += *a * x[i];
            *sum += y[i].to_f64() * z[i].to_f64();
        }
    }

    #[kernel]
    pub(super) fn axpy_square<T: Real, const N: usize>(
        a: &T,
        x: &[T; N],
        y: &mut [T; N],
        sum: Inc<f64>,
    ) {
        for i in 0..N {
            y[i] += *a * x[i];
            *sum += y[i].to_f64() * y[i].to_f64();
        }
    }

    #[kernel]
    pub(super) fn combine<T: Real, const N: usize>(
        a: &[T; 3],
        x: &mut [T; N],
        y: &[T; N],
        z: &[T; N],
    ) {
        for i in 0..N {
            x[i] = a[0] * x[i] + a[1] * y[i] + a[2] * z[i];
        }
    }

    #[kernel]
    pub(super) fn combine_step<T: Real, const N: usize>(
        a: &[T; 4],
        x: &mut [T; N],
        y: &[T; N],
        z: &[T; N],
        u: &mut [T; N],
    ) {
        for i in 0..N {
            x[i] = a[0] * x[i] + a[1] * y[i] + a[2] * z[i];
            u[i] += a[3] * x[i];
        }
    }

    #[kernel]
    pub(super) fn step<T: Real, const N: usize>(
        a: &[T; 2],
        p: &[T; N],
        x: &mut [T; N],
        q: &[T; N],
        r: &mut [T; N],
        sum: Inc<f64>,
    ) {
        for i in 0..N {
            x[i] += a[0] * p[i];
            r[i] += a[1] * q[i];
            *sum += r[i].to_f64() * r[i].to_f64();
        }
    }

    #[kernel]
    pub(super) fn mul_dots<T: Real, const N: usize>(
        d: &[T; N],
        r: &[T; N],
        z: Write<[T; N]>,
        sums: Inc<[f64; 2]>,
    ) {
        for i in 0..N {
            z[i] = d[i] * r[i];
            sums[0] += r[i].to_f64() * z[i].to_f64();
            sums[1] += z[i].to_f64() * z[i].to_f64();
        }
    }
}

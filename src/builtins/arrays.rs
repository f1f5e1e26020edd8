//! The loops for dats of arrays of numbers.

use super::{Field, binary, loops, same};
use crate::{Dat, Number, Result, par_loop};

impl<T: Field<Scalar = T> + Number, const N: usize> Field for [T; N] {
    type Scalar = T;
    loops!(T);
}

mod kernels {
    use crate::{Inc, Max, Min, Number, Write, kernel};

    #[kernel]
    pub(super) fn fill<T: Number, const N: usize>(value: &[T; N], x: Write<[T; N]>) {
        *x = *value;
    }

    #[kernel]
    pub(super) fn copy<T: Number, const N: usize>(x: &[T; N], y: Write<[T; N]>) {
        *y = *x;
    }

    #[kernel]
    pub(super) fn axpy<T: Number, const N: usize>(a: &T, x: &[T; N], y: &mut [T; N]) {
        for i in 0..N {
            y[i] += *a * x[i];
        }
    }

    #[kernel]
    pub(super) fn scale<T: Number, const N: usize>(a: &T, x: &mut [T; N]) {
        for i in 0..N {
            x[i] *= *a;
        }
    }

    #[kernel]
    pub(super) fn add<T: Number, const N: usize>(x: &[T; N], y: &[T; N], z: Write<[T; N]>) {
        for i in 0..N {
            z[i] = x[i] + y[i];
        }
    }

    #[kernel]
    pub(super) fn add_to_first<T: Number, const N: usize>(x: &mut [T; N], y: &[T; N]) {
        for i in 0..N {
            x[i] += y[i];
        }
    }

    #[kernel]
    pub(super) fn add_to_second<T: Number, const N: usize>(x: &[T; N], y: &mut [T; N]) {
        for i in 0..N {
            y[i] = x[i] + y[i];
        }
    }

    #[kernel]
    pub(super) fn twice<T: Number, const N: usize>(x: &mut [T; N]) {
        for i in 0..N {
            x[i] += x[i];
        }
    }

    #[kernel]
    pub(super) fn sub<T: Number, const N: usize>(x: &[T; N], y: &[T; N], z: Write<[T; N]>) {
        for i in 0..N {
            z[i] = x[i] - y[i];
        }
    }

    #[kernel]
    pub(super) fn sub_from_first<T: Number, const N: usize>(x: &mut [T; N], y: &[T; N]) {
        for i in 0..N {
            x[i] -= y[i];
        }
    }

    #[kernel]
    pub(super) fn sub_into_second<T: Number, const N: usize>(x: &[T; N], y: &mut [T; N]) {
        for i in 0..N {
            y[i] = x[i] - y[i];
        }
    }

    #[kernel]
    pub(super) fn zero<T: Number, const N: usize>(x: &mut [T; N]) {
        for i in 0..N {
            x[i] -= x[i];
        }
    }

    #[kernel]
    pub(super) fn mul<T: Number, const N: usize>(x: &[T; N], y: &[T; N], z: Write<[T; N]>) {
        for i in 0..N {
            z[i] = x[i] * y[i];
        }
    }

    #[kernel]
    pub(super) fn mul_first<T: Number, const N: usize>(x: &mut [T; N], y: &[T; N]) {
        for i in 0..N {
            x[i] *= y[i];
        }
    }

    #[kernel]
    pub(super) fn mul_second<T: Number, const N: usize>(x: &[T; N], y: &mut [T; N]) {
        for i in 0..N {
            y[i] = x[i] * y[i];
        }
    }

    #[kernel]
    pub(super) fn square<T: Number, const N: usize>(x: &mut [T; N]) {
        for i in 0..N {
            x[i] *= x[i];
        }
    }

    #[kernel]
    pub(super) fn div<T: Number, const N: usize>(x: &[T; N], y: &[T; N], z: Write<[T; N]>) {
        for i in 0..N {
            z[i] = x[i] / y[i];
        }
    }

    #[kernel]
    pub(super) fn div_first<T: Number, const N: usize>(x: &mut [T; N], y: &[T; N]) {
        for i in 0..N {
            x[i] /= y[i];
        }
    }

    #[kernel]
    pub(super) fn div_into_second<T: Number, const N: usize>(x: &[T; N], y: &mut [T; N]) {
        for i in 0..N {
            y[i] = x[i] / y[i];
        }
    }

    #[kernel]
    pub(super) fn one<T: Number, const N: usize>(x: &mut [T; N]) {
        for i in 0..N {
            x[i] /= x[i];
        }
    }

    #[kernel]
    pub(super) fn dot<T: Number, const N: usize>(x: &[T; N], y: &[T; N], total: Inc<T>) {
        for i in 0..N {
            *total += x[i] * y[i];
        }
    }

    #[kernel]
    pub(super) fn sum<T: Number, const N: usize>(x: &[T; N], total: Inc<[T; N]>) {
        for i in 0..N {
            total[i] += x[i];
        }
    }

    #[kernel]
    pub(super) fn min<T: Number, const N: usize>(x: &[T; N], lowest: Min<[T; N]>) {
        for i in 0..N {
            lowest[i] = lowest[i].min(x[i]);
        }
    }

    #[kernel]
    pub(super) fn max<T: Number, const N: usize>(x: &[T; N], highest: Max<[T; N]>) {
        for i in 0..N {
            highest[i] = highest[i].max(x[i]);
        }
    }

    #[kernel]
    pub(super) fn abs_max<T: Number, const N: usize>(x: &[T; N], highest: Max<T>) {
        for i in 0..N {
            *highest = (*highest).max(x[i].abs());
        }
    }
}

//! Number types as traits, so that one kernel serves several of them.

use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, Sub, SubAssign};

use crate::par_loop::check::Value;

/// `f64`, `f32`, `i32`, `i64`, `u32`, `u64`: the bound for kernels that only calculate.
pub trait Number:
    Value
    + PartialOrd
    + Default
    + std::fmt::Debug
    + std::fmt::Display
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Rem<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + DivAssign
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// Largest finite value.
    const MAX: Self;
    /// Smallest finite value.
    const MIN: Self;

    /// The nearest value of this type.
    fn from_f64(value: f64) -> Self;
    /// The value in double precision, rounded if it must be.
    fn to_f64(self) -> f64;
    /// The smaller of two.
    #[must_use]
    fn min(self, other: Self) -> Self;
    /// The larger of two.
    #[must_use]
    fn max(self, other: Self) -> Self;
    /// The value without its sign.
    #[must_use]
    fn abs(self) -> Self;
    /// As [`f64::clamp`].
    #[must_use]
    fn clamp(self, min: Self, max: Self) -> Self;
}

macro_rules! numbers {
    ($($ty:ident($zero:literal, $one:literal, $min:path, $max:path) |$x:ident| $abs:expr;)*) => {$(
        impl Number for $ty {
            const ZERO: Self = $zero;
            const ONE: Self = $one;
            const MAX: Self = $ty::MAX;
            const MIN: Self = $ty::MIN;

            #[inline(always)]
            fn from_f64(value: f64) -> Self {
                value as Self
            }
            #[allow(clippy::cast_lossless)]
            #[inline(always)]
            fn to_f64(self) -> f64 {
                self as f64
            }
            #[inline(always)]
            fn min(self, other: Self) -> Self {
                $min(self, other)
            }
            #[inline(always)]
            fn max(self, other: Self) -> Self {
                $max(self, other)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                let $x = self;
                $abs
            }
            #[inline(always)]
            fn clamp(self, min: Self, max: Self) -> Self {
                // As the standard library's, which asserts that `min <= max` besides: NaN stays NaN.
                let raised = if self < min { min } else { self };
                if raised > max { max } else { raised }
            }
        }
    )*};
}

numbers! {
    f64(0.0, 1.0, f64::min, f64::max) |x| f64::abs(x);
    f32(0.0, 1.0, f32::min, f32::max) |x| f32::abs(x);
    i32(0, 1, Ord::min, Ord::max) |x| i32::abs(x);
    i64(0, 1, Ord::min, Ord::max) |x| i64::abs(x);
    u32(0, 1, Ord::min, Ord::max) |x| x;
    u64(0, 1, Ord::min, Ord::max) |x| x;
}

macro_rules! real {
    (
        $(#[$trait_doc:meta])*
        constants { $($(#[$cdoc:meta])* $constant:ident = $path:ident;)* }
        numbers { $($(#[$ndoc:meta])* $number:ident;)* }
        unary { $($unary:ident)* }
        binary { $($binary:ident)* }
        tests { $($test:ident)* }
    ) => {
        $(#[$trait_doc])*
        pub trait Real: Number + Neg<Output = Self> {
            $($(#[$cdoc])* const $constant: Self;)*
            $($(#[$ndoc])* const $number: Self;)*

            $(
                #[doc = concat!("As [`f64::", stringify!($unary), "`].")]
                #[must_use]
                fn $unary(self) -> Self;
            )*
            $(
                #[doc = concat!("As [`f64::", stringify!($binary), "`].")]
                #[must_use]
                fn $binary(self, other: Self) -> Self;
            )*
            $(
                #[doc = concat!("As [`f64::", stringify!($test), "`].")]
                fn $test(self) -> bool;
            )*
            /// As [`f64::mul_add`].
            #[must_use]
            fn mul_add(self, a: Self, b: Self) -> Self;
            /// As [`f64::powi`].
            #[must_use]
            fn powi(self, n: i32) -> Self;
            /// As [`f64::sin_cos`].
            fn sin_cos(self) -> (Self, Self);
        }

        real!(@impl f64 constants { $($constant = $path;)* } numbers { $($number;)* }
            unary { $($unary)* } binary { $($binary)* } tests { $($test)* });
        real!(@impl f32 constants { $($constant = $path;)* } numbers { $($number;)* }
            unary { $($unary)* } binary { $($binary)* } tests { $($test)* });
    };
    (@impl $ty:ident
        constants { $($constant:ident = $path:ident;)* }
        numbers { $($number:ident;)* }
        unary { $($unary:ident)* }
        binary { $($binary:ident)* }
        tests { $($test:ident)* }
    ) => {
        impl Real for $ty {
            $(const $constant: Self = std::$ty::consts::$path;)*
            $(const $number: Self = $ty::$number;)*

            $(
                #[inline(always)]
                fn $unary(self) -> Self {
                    $ty::$unary(self)
                }
            )*
            $(
                #[inline(always)]
                fn $binary(self, other: Self) -> Self {
                    $ty::$binary(self, other)
                }
            )*
            $(
                #[inline(always)]
                fn $test(self) -> bool {
                    $ty::$test(self)
                }
            )*
            #[inline(always)]
            fn mul_add(self, a: Self, b: Self) -> Self {
                $ty::mul_add(self, a, b)
            }
            #[inline(always)]
            fn powi(self, n: i32) -> Self {
                $ty::powi(self, n)
            }
            #[inline(always)]
            fn sin_cos(self) -> (Self, Self) {
                $ty::sin_cos(self)
            }
        }
    };
}

real! {
    /// `f64` or `f32`: the bound for kernels that serve both precisions.
    ///
    /// Literals are written `T::from_f64(0.5)`; all methods are those of the standard library.
    constants {
        /// The ratio of a circle's circumference to its diameter.
        PI = PI;
        /// Euler's number.
        E = E;
    }
    numbers {
        /// Difference between 1 and the next larger number.
        EPSILON;
        /// Positive infinity.
        INFINITY;
        /// Negative infinity.
        NEG_INFINITY;
        /// Not a number.
        NAN;
    }
    unary {
        sqrt cbrt signum exp exp2 exp_m1 ln ln_1p log10 log2 sin cos tan asin acos atan sinh cosh
        tanh asinh acosh atanh floor ceil round trunc fract recip to_degrees to_radians
    }
    binary { powf atan2 hypot copysign rem_euclid div_euclid }
    tests { is_nan is_finite is_infinite }
}

#[cfg(test)]
mod tests {
    use super::{Number, Real};

    fn circle<T: Real>(radius: T) -> T {
        T::PI * radius.powi(2)
    }

    #[test]
    fn one_source_serves_both_precisions() {
        assert_eq!(circle(2.0_f64), std::f64::consts::PI * 4.0);
        assert_eq!(circle(2.0_f32), std::f32::consts::PI * 4.0);
        assert_eq!(f32::from_f64(0.5).to_f64(), 0.5);
        assert!(Number::clamp(f64::NAN, 0.0, 1.0).is_nan());
        assert_eq!(Number::clamp(-3_i32, 0, 1), 0);
    }
}

//! The real number types, so that one kernel serves both precisions.

use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, Sub, SubAssign};

use crate::base::element::Element;

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
        pub trait Real:
            Element
            + PartialOrd
            + Default
            + std::fmt::Debug
            + std::fmt::Display
            + Add<Output = Self>
            + Sub<Output = Self>
            + Mul<Output = Self>
            + Div<Output = Self>
            + Rem<Output = Self>
            + Neg<Output = Self>
            + AddAssign
            + SubAssign
            + MulAssign
            + DivAssign
        {
            /// 0.
            const ZERO: Self;
            /// 1.
            const ONE: Self;
            $($(#[$cdoc])* const $constant: Self;)*
            $($(#[$ndoc])* const $number: Self;)*

            /// The nearest value of this type.
            fn from_f64(value: f64) -> Self;
            /// The value in double precision.
            fn to_f64(self) -> f64;
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
            /// As [`f64::clamp`].
            #[must_use]
            fn clamp(self, min: Self, max: Self) -> Self;
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
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            $(const $constant: Self = std::$ty::consts::$path;)*
            $(const $number: Self = $ty::$number;)*

            #[inline(always)]
            fn from_f64(value: f64) -> Self {
                value as Self
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
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
            fn clamp(self, min: Self, max: Self) -> Self {
                $ty::clamp(self, min, max)
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
        /// Largest finite value.
        MAX;
        /// Smallest finite value.
        MIN;
        /// Positive infinity.
        INFINITY;
        /// Negative infinity.
        NEG_INFINITY;
        /// Not a number.
        NAN;
    }
    unary {
        sqrt cbrt abs signum exp exp2 exp_m1 ln ln_1p log10 log2 sin cos tan asin acos atan sinh cosh
        tanh asinh acosh atanh floor ceil round trunc fract recip to_degrees to_radians
    }
    binary { min max powf atan2 hypot copysign rem_euclid div_euclid }
    tests { is_nan is_finite is_infinite }
}

#[cfg(test)]
mod tests {
    use super::Real;

    fn circle<T: Real>(radius: T) -> T {
        T::PI * radius.powi(2)
    }

    #[test]
    fn one_source_serves_both_precisions() {
        assert_eq!(circle(2.0_f64), std::f64::consts::PI * 4.0);
        assert_eq!(circle(2.0_f32), std::f32::consts::PI * 4.0);
        assert_eq!(f32::from_f64(0.5).to_f64(), 0.5);
    }
}

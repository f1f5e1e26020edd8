//! Arithmetic on whole dats, written in the language itself.
//!
//! They run on every target, as any other loop, and appear in the report under their names. A
//! result may be one of the operands.

mod arrays;
mod numbers;

use crate::{Dat, Element, Number, Result};

/// What a dat must hold for arithmetic: a number, or an array of numbers.
///
/// The hidden methods are the loops for one kind of element; use the functions of this module.
pub trait Field: Element {
    /// The numbers it is made of.
    type Scalar: Number;

    #[doc(hidden)]
    fn fill<S>(value: Self, x: &Dat<S, Self>) -> Result<()>;
    #[doc(hidden)]
    fn copy<S>(x: &Dat<S, Self>, y: &Dat<S, Self>) -> Result<()>;
    #[doc(hidden)]
    fn axpy<S>(a: Self::Scalar, x: &Dat<S, Self>, y: &Dat<S, Self>) -> Result<()>;
    #[doc(hidden)]
    fn scale<S>(a: Self::Scalar, x: &Dat<S, Self>) -> Result<()>;
    #[doc(hidden)]
    fn add<S>(x: &Dat<S, Self>, y: &Dat<S, Self>, z: &Dat<S, Self>) -> Result<()>;
    #[doc(hidden)]
    fn sub<S>(x: &Dat<S, Self>, y: &Dat<S, Self>, z: &Dat<S, Self>) -> Result<()>;
    #[doc(hidden)]
    fn mul<S>(x: &Dat<S, Self>, y: &Dat<S, Self>, z: &Dat<S, Self>) -> Result<()>;
    #[doc(hidden)]
    fn div<S>(x: &Dat<S, Self>, y: &Dat<S, Self>, z: &Dat<S, Self>) -> Result<()>;
    #[doc(hidden)]
    fn dot<S>(x: &Dat<S, Self>, y: &Dat<S, Self>) -> Result<Self::Scalar>;
    #[doc(hidden)]
    fn sum<S>(x: &Dat<S, Self>) -> Result<Self>;
    #[doc(hidden)]
    fn min<S>(x: &Dat<S, Self>) -> Result<Self>;
    #[doc(hidden)]
    fn max<S>(x: &Dat<S, Self>) -> Result<Self>;
    #[doc(hidden)]
    fn abs_max<S>(x: &Dat<S, Self>) -> Result<Self::Scalar>;
}

/// `x = value` on every element.
///
/// # Errors
/// As any loop: a guard on the dat is alive.
pub fn fill<S, T: Field>(value: T, x: &Dat<S, T>) -> Result<()> {
    T::fill(value, x)
}

/// `y = x`.
///
/// # Errors
/// As any loop: dats of different sets, a guard alive.
pub fn copy<S, T: Field>(x: &Dat<S, T>, y: &Dat<S, T>) -> Result<()> {
    if same(x, y) { Ok(()) } else { T::copy(x, y) }
}

/// `y += a * x`.
///
/// # Errors
/// As any loop: dats of different sets, a guard alive.
pub fn axpy<S, T: Field>(a: T::Scalar, x: &Dat<S, T>, y: &Dat<S, T>) -> Result<()> {
    if same(x, y) { T::scale(T::Scalar::ONE + a, y) } else { T::axpy(a, x, y) }
}

/// `x *= a`.
///
/// # Errors
/// As any loop: a guard on the dat is alive.
pub fn scale<S, T: Field>(a: T::Scalar, x: &Dat<S, T>) -> Result<()> {
    T::scale(a, x)
}

/// `z = x + y`.
///
/// # Errors
/// As any loop: dats of different sets, a guard alive.
pub fn add<S, T: Field>(x: &Dat<S, T>, y: &Dat<S, T>, z: &Dat<S, T>) -> Result<()> {
    T::add(x, y, z)
}

/// `z = x - y`.
///
/// # Errors
/// As any loop: dats of different sets, a guard alive.
pub fn sub<S, T: Field>(x: &Dat<S, T>, y: &Dat<S, T>, z: &Dat<S, T>) -> Result<()> {
    T::sub(x, y, z)
}

/// `z = x * y`, component by component.
///
/// # Errors
/// As any loop: dats of different sets, a guard alive.
pub fn mul<S, T: Field>(x: &Dat<S, T>, y: &Dat<S, T>, z: &Dat<S, T>) -> Result<()> {
    T::mul(x, y, z)
}

/// `z = x / y`, component by component.
///
/// # Errors
/// As any loop: dats of different sets, a guard alive, an integer division by zero.
pub fn div<S, T: Field>(x: &Dat<S, T>, y: &Dat<S, T>, z: &Dat<S, T>) -> Result<()> {
    T::div(x, y, z)
}

/// The sum of `x * y` over all elements and components.
///
/// # Errors
/// As any loop: dats of different sets, a guard alive.
pub fn dot<S, T: Field>(x: &Dat<S, T>, y: &Dat<S, T>) -> Result<T::Scalar> {
    T::dot(x, y)
}

/// The Euclidean norm: the square root of `dot(x, x)`.
///
/// # Errors
/// As any loop: a guard alive.
pub fn norm2<S, T: Field>(x: &Dat<S, T>) -> Result<f64> {
    Ok(T::dot(x, x)?.to_f64().sqrt())
}

/// The sum over all elements, component by component.
///
/// # Errors
/// As any loop: a guard alive.
pub fn sum<S, T: Field>(x: &Dat<S, T>) -> Result<T> {
    T::sum(x)
}

/// The smallest value over all elements, component by component; of an empty set the largest number
/// (infinity for reals).
///
/// # Errors
/// As any loop: a guard alive.
pub fn min<S, T: Field>(x: &Dat<S, T>) -> Result<T> {
    T::min(x)
}

/// The largest value over all elements, component by component; of an empty set the smallest number
/// (minus infinity for reals).
///
/// # Errors
/// As any loop: a guard alive.
pub fn max<S, T: Field>(x: &Dat<S, T>) -> Result<T> {
    T::max(x)
}

/// The largest absolute value over all elements and components, 0 for an empty set.
///
/// # Errors
/// As any loop: a guard alive.
pub fn abs_max<S, T: Field>(x: &Dat<S, T>) -> Result<T::Scalar> {
    T::abs_max(x)
}

/// Whether two handles name one dat.
fn same<S, T>(x: &Dat<S, T>, y: &Dat<S, T>) -> bool {
    x.core().id == y.core().id
}

/// Loops of three dats for which the result may be one of the operands.
macro_rules! binary {
    ($($name:ident, $into_first:ident, $into_second:ident, $square:ident;)*) => {$(
        fn $name<S>(x: &Dat<S, Self>, y: &Dat<S, Self>, z: &Dat<S, Self>) -> Result<()> {
            let set = z.set();
            match (same(x, z), same(y, z)) {
                (true, true) => par_loop!(kernels::$square, set, z(Rw)),
                (true, false) => par_loop!(kernels::$into_first, set, z(Rw), y(Read)),
                (false, true) => par_loop!(kernels::$into_second, set, x(Read), z(Rw)),
                (false, false) => par_loop!(kernels::$name, set, x(Read), y(Read), z(Write)),
            }
        }
    )*};
}

/// The loops of one kind of element, given kernels of these names in a module `kernels`.
macro_rules! loops {
    ($scalar:ident) => {
        fn fill<S>(value: Self, x: &Dat<S, Self>) -> Result<()> {
            let set = x.set();
            par_loop!(kernels::fill, set, value(Read), x(Write))
        }

        fn copy<S>(x: &Dat<S, Self>, y: &Dat<S, Self>) -> Result<()> {
            let set = y.set();
            par_loop!(kernels::copy, set, x(Read), y(Write))
        }

        fn axpy<S>(a: $scalar, x: &Dat<S, Self>, y: &Dat<S, Self>) -> Result<()> {
            let set = y.set();
            par_loop!(kernels::axpy, set, a(Read), x(Read), y(Rw))
        }

        fn scale<S>(a: $scalar, x: &Dat<S, Self>) -> Result<()> {
            let set = x.set();
            par_loop!(kernels::scale, set, a(Read), x(Rw))
        }

        binary! {
            add, add_to_first, add_to_second, twice;
            sub, sub_from_first, sub_into_second, zero;
            mul, mul_first, mul_second, square;
            div, div_first, div_into_second, one;
        }

        fn dot<S>(x: &Dat<S, Self>, y: &Dat<S, Self>) -> Result<$scalar> {
            let set = x.set();
            let total = x.reduction::<$scalar>("dot");
            par_loop!(kernels::dot, set, x(Read), y(Read), total(Inc))?;
            total.value()
        }

        fn sum<S>(x: &Dat<S, Self>) -> Result<Self> {
            let set = x.set();
            let total = x.reduction::<Self>("sum");
            par_loop!(kernels::sum, set, x(Read), total(Inc))?;
            total.value()
        }

        fn min<S>(x: &Dat<S, Self>) -> Result<Self> {
            let set = x.set();
            let lowest = x.reduction::<Self>("min");
            par_loop!(kernels::min, set, x(Read), lowest(Min))?;
            lowest.value()
        }

        fn max<S>(x: &Dat<S, Self>) -> Result<Self> {
            let set = x.set();
            let highest = x.reduction::<Self>("max");
            par_loop!(kernels::max, set, x(Read), highest(Max))?;
            highest.value()
        }

        fn abs_max<S>(x: &Dat<S, Self>) -> Result<$scalar> {
            let set = x.set();
            let highest = x.reduction::<$scalar>("abs_max");
            par_loop!(kernels::abs_max, set, x(Read), highest(Max))?;
            // The identity of an empty set's maximum is no absolute value.
            Ok(Number::max(highest.value()?, $scalar::ZERO))
        }
    };
}
use {binary, loops};

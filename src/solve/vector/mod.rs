//! What solvers work on: dats, and tuples of them.
//!
//! [`Vector`] is the arithmetic that the methods need, [`Components`] the loops of one dat behind it.
//! Where a method passes over the same data twice in a row, one loop does both.

mod arrays;
mod numbers;
mod tuples;

use crate::builtins::{self, Field};
use crate::{Dat, Real, Result};

/// A vector of a linear space: a dat of `f64`, `f32` or arrays of them, or a tuple of 2 to 4 vectors.
///
/// A clone is the same vector. Coefficients and results are `f64` whatever the vector holds; inner
/// products are summed in `f64`, in an order that depends on the mesh alone.
///
/// ```
/// use op2::prelude::*;
/// use op2::solve::Vector;
///
/// op2::sets! { Cells; Edges; }
///
/// # fn main() -> op2::Result<()> {
/// let cx = Context::from_env()?;
/// let (cells, edges) = (cx.set::<Cells>(2)?, cx.set::<Edges>(3)?);
/// let p: Dat<Cells, f64> = cx.dat("p", &cells, vec![1.0, 2.0])?;
/// let u: Dat<Edges, [f64; 2]> = cx.dat("u", &edges, vec![[1.0, -1.0]; 3])?;
/// let x = (u, p);
/// let y = x.like("y")?;
/// y.axpy(2.0, &x)?;
/// assert_eq!(y.dot(&x)?, 2.0 * (6.0 + 5.0));
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a vector that a solver can work on",
    note = "vectors are dats of f64, f32, [f64; N] or [f32; N], and tuples of 2 to 4 of these"
)]
pub trait Vector: Clone {
    /// A vector of zeros in the same space. `name` is for reports; it need not be free.
    ///
    /// # Errors
    /// Not enough memory.
    fn like(&self, name: &str) -> Result<Self>;

    /// How many numbers there are, on all ranks together.
    fn num_numbers(&self) -> usize;

    /// All numbers as `f64`, in the user's numbering, one dat after the other. Collective.
    ///
    /// # Errors
    /// As [`Dat::read`].
    fn to_numbers(&self) -> Result<Vec<f64>>;

    /// As [`to_numbers`](Self::to_numbers) on rank 0; `None` on the others. Collective.
    ///
    /// # Errors
    /// As [`Dat::read`].
    fn numbers_on_first(&self) -> Result<Option<Vec<f64>>>;

    /// Replaces all numbers, given as by [`to_numbers`](Self::to_numbers), on every rank. Collective.
    ///
    /// # Errors
    /// Another number of numbers; as [`Dat::write`].
    fn set_numbers(&self, numbers: &[f64]) -> Result<()>;

    /// `self = 0`.
    ///
    /// # Errors
    /// As any loop. This holds for all that follow: vectors of different sets, a guard alive, the
    /// same dat as result and operand.
    fn clear(&self) -> Result<()>;

    /// `self = x`.
    ///
    /// # Errors
    /// As [`clear`](Self::clear).
    fn assign(&self, x: &Self) -> Result<()>;

    /// `self *= a`.
    ///
    /// # Errors
    /// As [`clear`](Self::clear).
    fn scale(&self, a: f64) -> Result<()>;

    /// `self += a x`.
    ///
    /// # Errors
    /// As [`clear`](Self::clear).
    fn axpy(&self, a: f64, x: &Self) -> Result<()>;

    /// `self = x + a self`.
    ///
    /// # Errors
    /// As [`clear`](Self::clear).
    fn xpay(&self, x: &Self, a: f64) -> Result<()>;

    /// The inner product.
    ///
    /// # Errors
    /// As [`clear`](Self::clear).
    fn dot(&self, x: &Self) -> Result<f64>;

    /// The Euclidean norm.
    ///
    /// # Errors
    /// As [`clear`](Self::clear).
    fn norm(&self) -> Result<f64> {
        Ok(self.dot(self)?.sqrt())
    }

    /// Two inner products with the same vector, `(self.x, self.y)`, in one loop.
    ///
    /// # Errors
    /// As [`clear`](Self::clear).
    fn dots(&self, x: &Self, y: &Self) -> Result<(f64, f64)>;

    /// `self += a x`, and then the inner product with `y`, in one loop.
    ///
    /// # Errors
    /// As [`clear`](Self::clear).
    fn axpy_dot(&self, a: f64, x: &Self, y: &Self) -> Result<f64>;

    /// `self += a x`, and then the inner product with itself, in one loop.
    ///
    /// # Errors
    /// As [`clear`](Self::clear).
    fn axpy_square(&self, a: f64, x: &Self) -> Result<f64>;

    /// `self = a self + b x + c y`, in one loop, given `[a, b, c]`.
    ///
    /// # Errors
    /// As [`clear`](Self::clear).
    fn combine(&self, abc: [f64; 3], x: &Self, y: &Self) -> Result<()>;

    /// `self = a self + b x + c y`, and then `u += d self`, in one loop, given `[a, b, c, d]`: a direction
    /// made of the last ones, and a step of the solution along it.
    ///
    /// # Errors
    /// As [`clear`](Self::clear).
    fn combine_step(&self, abcd: [f64; 4], x: &Self, y: &Self, u: &Self) -> Result<()>;

    /// `self += a x` and `y += b z`, and then the inner product of `y` with itself, in one loop: a step
    /// of the solution and of its residual.
    ///
    /// # Errors
    /// As [`clear`](Self::clear).
    fn step(&self, a: f64, x: &Self, y: &Self, b: f64, z: &Self) -> Result<f64>;
}

/// What a dat must hold to be a vector: `f64`, `f32`, or an array of them.
///
/// The hidden methods are the loops for one kind of element.
pub trait Components: Field<Scalar: Real> {
    #[doc(hidden)]
    fn push_numbers(&self, to: &mut Vec<f64>);
    #[doc(hidden)]
    fn of_numbers(numbers: &[f64]) -> Self;
    #[doc(hidden)]
    fn xpay<S>(x: &Dat<S, Self>, a: Self::Scalar, y: &Dat<S, Self>) -> Result<()>;
    #[doc(hidden)]
    fn inner<S>(x: &Dat<S, Self>, y: &Dat<S, Self>) -> Result<f64>;
    #[doc(hidden)]
    fn dots<S>(x: &Dat<S, Self>, y: &Dat<S, Self>, z: &Dat<S, Self>) -> Result<(f64, f64)>;
    #[doc(hidden)]
    fn axpy_dot<S>(
        a: Self::Scalar,
        x: &Dat<S, Self>,
        y: &Dat<S, Self>,
        z: &Dat<S, Self>,
    ) -> Result<f64>;
    #[doc(hidden)]
    fn axpy_square<S>(a: Self::Scalar, x: &Dat<S, Self>, y: &Dat<S, Self>) -> Result<f64>;
    /// `x = a[0] x + a[1] y + a[2] z`.
    #[doc(hidden)]
    fn combine<S>(
        a: [Self::Scalar; 3],
        x: &Dat<S, Self>,
        y: &Dat<S, Self>,
        z: &Dat<S, Self>,
    ) -> Result<()>;
    /// The same, and `u += a[3] x`.
    #[doc(hidden)]
    fn combine_step<S>(
        a: [Self::Scalar; 4],
        x: &Dat<S, Self>,
        y: &Dat<S, Self>,
        z: &Dat<S, Self>,
        u: &Dat<S, Self>,
    ) -> Result<()>;
    #[doc(hidden)]
    fn step<S>(
        a: [Self::Scalar; 2],
        p: &Dat<S, Self>,
        x: &Dat<S, Self>,
        q: &Dat<S, Self>,
        r: &Dat<S, Self>,
    ) -> Result<f64>;
    /// `z = d r`, component by component, with `r.z` and `z.z`.
    #[doc(hidden)]
    fn mul_dots<S>(d: &Dat<S, Self>, r: &Dat<S, Self>, z: &Dat<S, Self>) -> Result<(f64, f64)>;
}

impl<S, T: Components> Vector for Dat<S, T> {
    fn like(&self, name: &str) -> Result<Self> {
        Dat::like(self, name)
    }

    fn num_numbers(&self) -> usize {
        self.size() * T::DIM
    }

    fn to_numbers(&self) -> Result<Vec<f64>> {
        let mut numbers = Vec::with_capacity(self.num_numbers());
        self.read()?.iter().for_each(|row| row.push_numbers(&mut numbers));
        Ok(numbers)
    }

    fn numbers_on_first(&self) -> Result<Option<Vec<f64>>> {
        let rows = self.gather(0)?;
        Ok(rows.map(|rows| {
            let mut numbers = Vec::with_capacity(self.num_numbers());
            rows.iter().for_each(|row| row.push_numbers(&mut numbers));
            numbers
        }))
    }

    fn set_numbers(&self, numbers: &[f64]) -> Result<()> {
        if numbers.len() != self.num_numbers() {
            let (name, needed) = (self.name(), self.num_numbers());
            let given = numbers.len();
            return Err(crate::Error::other(format!(
                "dat `{name}`: {given} numbers given, {needed} needed"
            )));
        }
        let part = |row: u32| T::of_numbers(&numbers[row as usize * T::DIM..][..T::DIM]);
        let mut rows = self.write()?;
        // What a rank changes is sent to all.
        self.set().owned().into_iter().for_each(|row| rows[row as usize] = part(row));
        Ok(())
    }

    fn clear(&self) -> Result<()> {
        builtins::fill(T::of_numbers(&vec![0.0; T::DIM]), self)
    }

    fn assign(&self, x: &Self) -> Result<()> {
        builtins::copy(x, self)
    }

    fn scale(&self, a: f64) -> Result<()> {
        builtins::scale(number::<T>(a), self)
    }

    fn axpy(&self, a: f64, x: &Self) -> Result<()> {
        builtins::axpy(number::<T>(a), x, self)
    }

    fn xpay(&self, x: &Self, a: f64) -> Result<()> {
        T::xpay(x, number::<T>(a), self)
    }

    fn dot(&self, x: &Self) -> Result<f64> {
        T::inner(self, x)
    }

    fn dots(&self, x: &Self, y: &Self) -> Result<(f64, f64)> {
        T::dots(self, x, y)
    }

    fn axpy_dot(&self, a: f64, x: &Self, y: &Self) -> Result<f64> {
        T::axpy_dot(number::<T>(a), x, self, y)
    }

    fn axpy_square(&self, a: f64, x: &Self) -> Result<f64> {
        T::axpy_square(number::<T>(a), x, self)
    }

    fn combine(&self, abc: [f64; 3], x: &Self, y: &Self) -> Result<()> {
        T::combine(abc.map(number::<T>), self, x, y)
    }

    fn combine_step(&self, abcd: [f64; 4], x: &Self, y: &Self, u: &Self) -> Result<()> {
        T::combine_step(abcd.map(number::<T>), self, x, y, u)
    }

    fn step(&self, a: f64, x: &Self, y: &Self, b: f64, z: &Self) -> Result<f64> {
        T::step([number::<T>(a), number::<T>(b)], x, self, z, y)
    }
}

fn number<T: Components>(a: f64) -> T::Scalar {
    crate::Number::from_f64(a)
}

/// The loops of one kind of element, given kernels of these names in a module `kernels`.
macro_rules! loops {
    ($scalar:ident) => {
        fn xpay<S>(x: &Dat<S, Self>, a: $scalar, y: &Dat<S, Self>) -> Result<()> {
            let set = y.set();
            par_loop!(kernels::xpay, set, x(Read), a(Read), y(Rw))
        }

        fn inner<S>(x: &Dat<S, Self>, y: &Dat<S, Self>) -> Result<f64> {
            let set = x.set();
            let sum = x.reduction::<f64>("dot");
            par_loop!(kernels::dot, set, x(Read), y(Read), sum(Inc))?;
            sum.value()
        }

        fn dots<S>(x: &Dat<S, Self>, y: &Dat<S, Self>, z: &Dat<S, Self>) -> Result<(f64, f64)> {
            let set = x.set();
            let sums = x.reduction::<[f64; 2]>("dots");
            par_loop!(kernels::dots, set, x(Read), y(Read), z(Read), sums(Inc))?;
            sums.value().map(Into::into)
        }

        fn axpy_dot<S>(
            a: $scalar,
            x: &Dat<S, Self>,
            y: &Dat<S, Self>,
            z: &Dat<S, Self>,
        ) -> Result<f64> {
            let set = y.set();
            let sum = y.reduction::<f64>("dot");
            par_loop!(kernels::axpy_dot, set, a(Read), x(Read), y(Rw), z(Read), sum(Inc))?;
            sum.value()
        }

        fn axpy_square<S>(a: $scalar, x: &Dat<S, Self>, y: &Dat<S, Self>) -> Result<f64> {
            let set = y.set();
            let sum = y.reduction::<f64>("square");
            par_loop!(kernels::axpy_square, set, a(Read), x(Read), y(Rw), sum(Inc))?;
            sum.value()
        }

        fn combine<S>(
            a: [$scalar; 3],
            x: &Dat<S, Self>,
            y: &Dat<S, Self>,
            z: &Dat<S, Self>,
        ) -> Result<()> {
            let set = x.set();
            par_loop!(kernels::combine, set, a(Read), x(Rw), y(Read), z(Read))
        }

        fn combine_step<S>(
            a: [$scalar; 4],
            x: &Dat<S, Self>,
            y: &Dat<S, Self>,
            z: &Dat<S, Self>,
            u: &Dat<S, Self>,
        ) -> Result<()> {
            let set = x.set();
            par_loop!(kernels::combine_step, set, a(Read), x(Rw), y(Read), z(Read), u(Rw))
        }

        fn step<S>(
            a: [$scalar; 2],
            p: &Dat<S, Self>,
            x: &Dat<S, Self>,
            q: &Dat<S, Self>,
            r: &Dat<S, Self>,
        ) -> Result<f64> {
            let set = x.set();
            let sum = x.reduction::<f64>("square");
            par_loop!(kernels::step, set, a(Read), p(Read), x(Rw), q(Read), r(Rw), sum(Inc))?;
            sum.value()
        }

        fn mul_dots<S>(d: &Dat<S, Self>, r: &Dat<S, Self>, z: &Dat<S, Self>) -> Result<(f64, f64)> {
            let set = z.set();
            let sums = z.reduction::<[f64; 2]>("dots");
            par_loop!(kernels::mul_dots, set, d(Read), r(Read), z(Write), sums(Inc))?;
            sums.value().map(Into::into)
        }
    };
}
use loops;

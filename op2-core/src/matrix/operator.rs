//! Whatever turns one vector into another: matrices, and functions of loops.

use std::time::Instant;

use crate::base::element::Element;
use crate::base::error::{Error, Result};
use crate::base::profile::Call;
use crate::mesh::dat::Dat;

use super::entry::Entry;
use super::mat::Mat;
use super::neighbors::neighbors;
use super::product::{Elsewhere, Kind, Product, elsewhere};
use super::{rank_product, spmv, vectors};

/// A linear operator from vectors `X` to vectors `Y`, such as dats.
///
/// A matrix is one; [`MatrixFree`] makes one of a function.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a linear operator from vectors `{X}` to vectors `{Y}`",
    note = "a `Mat<R, C, T>` takes dats on `C` to dats on `R` with values that fit its entries; a tuple of rows of matrices takes tuples of dats to tuples of dats; `MatrixFree` makes an operator of a function"
)]
pub trait LinearOperator<X, Y = X> {
    /// `y = A x`. `y` is overwritten.
    ///
    /// # Errors
    /// Vectors that do not fit or are in use.
    fn apply(&self, x: &X, y: &Y) -> Result<()>;

    /// How many rows and columns.
    fn size(&self) -> (usize, usize);
}

impl<R, C, T, X, Y> LinearOperator<Dat<C, X>, Dat<R, Y>> for Mat<R, C, T>
where
    T: Entry<X = X, Y = Y>,
    X: Element,
    Y: Element,
{
    fn apply(&self, x: &Dat<C, X>, y: &Dat<R, Y>) -> Result<()> {
        self.multiply(x, y)
    }

    fn size(&self) -> (usize, usize) {
        self.size()
    }
}

impl<X, Y, A: LinearOperator<X, Y> + ?Sized> LinearOperator<X, Y> for &A {
    fn apply(&self, x: &X, y: &Y) -> Result<()> {
        (**self).apply(x, y)
    }

    fn size(&self) -> (usize, usize) {
        (**self).size()
    }
}

impl<R, C, T: Entry> Mat<R, C, T> {
    /// `y = A x`, by the context's threads, the result being the same for any number of them, or by its
    /// device. Collective: of several ranks, each computes the rows that it owns.
    ///
    /// # Errors
    /// Dats of other sets, the same dat twice, dats or matrix in use.
    pub fn multiply(&self, x: &Dat<C, T::X>, y: &Dat<R, T::Y>) -> Result<()> {
        self.product::<false>(x, y)
    }

    /// `y += A x`, in the same bits for any number of threads. Collective.
    ///
    /// # Errors
    /// As [`multiply`](Mat::multiply).
    pub fn multiply_add(&self, x: &Dat<C, T::X>, y: &Dat<R, T::Y>) -> Result<()> {
        self.product::<true>(x, y)
    }

    fn product<const ADD: bool>(&self, x: &Dat<C, T::X>, y: &Dat<R, T::Y>) -> Result<()> {
        let sparsity = &self.core().sparsity;
        if let Some(place) = elsewhere(self.core().home()) {
            let turn = self.turn()?;
            return self.compute(&*place, &Product::of(ADD, self, x, y, &turn)?);
        }
        let neighbors = neighbors(self.core().home())?;
        vectors::check_apart(x.core(), y.core())?;
        self.timed(if ADD { Kind::Add } else { Kind::Set }, || {
            self.look(|_, values, turn| {
                if let Some(neighbors) = &neighbors {
                    let matrix = (&**sparsity, values);
                    return rank_product::multiply::<R, C, T, ADD>(
                        &**neighbors,
                        matrix,
                        x,
                        y,
                        turn,
                    );
                }
                let x = vectors::rows(x, &sparsity.cols, turn)?;
                vectors::change_rows(y, &sparsity.rows, turn, |y| {
                    spmv::multiply::<T, ADD>(sparsity.with(values), &x, y);
                })
            })?
        })
    }

    /// `y = A^T x`, in the same bits for any number of threads. Collective: ranks send each other what their
    /// rows contribute, which is added rank after rank.
    ///
    /// # Errors
    /// As [`multiply`](Mat::multiply); on several ranks in the reproducible mode, where
    /// [`transpose`](Mat::transpose) makes a matrix to multiply with.
    pub fn multiply_transposed(&self, x: &Dat<R, T::Y>, y: &Dat<C, T::X>) -> Result<()> {
        let sparsity = &self.core().sparsity;
        if let Some(place) = elsewhere(self.core().home()) {
            let turn = self.turn()?;
            return self.compute(&*place, &Product::transposed(self, x, y, &turn)?);
        }
        let neighbors = neighbors(self.core().home())?;
        vectors::check_apart(x.core(), y.core())?;
        self.timed(Kind::Transposed, || {
            self.look(|pattern, values, turn| {
                if let Some(neighbors) = &neighbors {
                    let matrix = (&**sparsity, values);
                    return rank_product::multiply_transposed(&**neighbors, matrix, x, y, turn);
                }
                let x = vectors::rows(x, &sparsity.rows, turn)?;
                vectors::change_rows(y, &sparsity.cols, turn, |y| {
                    let (transposed, rows) = (|| sparsity.transposed(), sparsity.row_sequence());
                    spmv::multiply_transposed(pattern, values, transposed, rows, &x, y);
                })
            })?
        })
    }

    /// Has a product computed elsewhere, which adds its time to the report by itself.
    fn compute(&self, place: &dyn Elsewhere, product: &Product<'_>) -> Result<()> {
        let profile = self.core().home().profile();
        let entry = profile.entry_named(&product.kind().named(self.name()));
        place.multiply(product, entry)?;
        profile.record(entry, self.counted(product.kind(), 0.0));
        Ok(())
    }

    /// Enters a product on the host in the context's report.
    fn timed(&self, kind: Kind, product: impl FnOnce() -> Result<()>) -> Result<()> {
        let start = Instant::now();
        product()?;
        let profile = self.core().home().profile();
        let entry = profile.entry_named(&kind.named(self.name()));
        profile.record(entry, self.counted(kind, start.elapsed().as_secs_f64()));
        Ok(())
    }

    /// What a product costs: matrix and vectors are moved once, a result that is added to twice.
    fn counted(&self, kind: Kind, seconds: f64) -> Call {
        let core = self.core();
        let pattern = core.sparsity.pattern();
        let (rows, cols) = (pattern.num_rows(), pattern.num_cols());
        let passes = if kind == Kind::Add { 2 } else { 1 };
        let vectors = cols * size_of::<T::X>() + passes * rows * size_of::<T::Y>();
        let numbers = (pattern.num_entries() * T::ROWS * T::COLS) as u64;
        let bytes = pattern.bytes() + core.total_bytes() + vectors;
        Call { seconds, bytes: bytes as u64, flops: 2 * numbers, elements: rows as u64 }
    }
}

/// A linear operator made of a function `(x, y)` that computes `y = A x`, for example by loops.
#[derive(Clone, Debug)]
pub struct MatrixFree<F> {
    size: (usize, usize),
    function: F,
}

impl<F> MatrixFree<F> {
    /// An operator of `size` rows and columns; `function` overwrites its second argument.
    pub fn new(size: (usize, usize), function: F) -> Self {
        Self { size, function }
    }
}

impl<X, Y, F: Fn(&X, &Y) -> Result<(), Error>> LinearOperator<X, Y> for MatrixFree<F> {
    fn apply(&self, x: &X, y: &Y) -> Result<()> {
        (self.function)(x, y)
    }

    fn size(&self) -> (usize, usize) {
        self.size
    }
}

//! Algebra on whole matrices, in the user's words; the computing is in `values` and `exchange`.

use std::io::Write;

use sprs::{CsMatI, CsMatViewI, SpIndex};

use crate::base::element::Element;
use crate::base::error::{Error, Result};
use crate::mesh::dat::Dat;
use crate::mesh::mirror::Fresh;

use super::entry::{Entry, Scalar};
use super::mat::Mat;
use super::product::{Zeros, elsewhere};
use super::rows::Rows;
use super::values::Component;
use super::{exchange, matrix_market, values, vectors};

impl<R, C, T: Entry> Mat<R, C, T> {
    /// All values become zero.
    ///
    /// # Errors
    /// As [`write`](Mat::write).
    pub fn zero(&self) -> Result<()> {
        if let Some(place) = elsewhere(self.core().home())
            && self.core().mirror().fresh() != Fresh::Host
        {
            // Where the values are.
            let turn = self.turn()?;
            return place.clear(&Zeros::of_mat(self.core(), &turn)?);
        }
        self.change(|_, values, _| values.fill(T::zeroed()))
    }

    /// All values times `factor`.
    ///
    /// # Errors
    /// As [`write`](Mat::write).
    pub fn scale(&self, factor: T::Scalar) -> Result<()> {
        self.change(|_, values, _| values::scale(values, factor))
    }

    /// Adds `factor * other`, a matrix of the same pattern.
    ///
    /// # Errors
    /// Another pattern; as [`write`](Mat::write).
    pub fn axpy(&self, factor: T::Scalar, other: &Self) -> Result<()> {
        let (own, others) = (&self.core().sparsity, &other.core().sparsity);
        let same_sets = own.rows.id == others.rows.id && own.cols.id == others.cols.id;
        if own.id != others.id && !(same_sets && own.pattern() == others.pattern()) {
            let reason =
                format!("{:?} has another pattern, so that it cannot be added", other.core());
            return Err(self.core().refuse(reason));
        }
        if self.core().id == other.core().id {
            return self.scale(T::Scalar::ONE + factor);
        }
        // The other's values stay as they are while their guard lives.
        let from = other.shared()?;
        self.change(|_, values, _| values::axpy(factor, from.values(), values))
    }

    /// The rows become zero, with `diag` on their diagonal; of blocks all components, or the one that
    /// [`OneComponent`](super::rows::OneComponent) names.
    ///
    /// # Errors
    /// Rows of another set or beyond it, a component that blocks do not have, a missing diagonal entry (nothing is changed then); as
    /// [`write`](Mat::write).
    pub fn zero_rows(&self, rows: &(impl Rows<R> + ?Sized), diag: T::Scalar) -> Result<()> {
        let component = self.component(rows)?;
        let rows = rows.local(&self.core().sparsity.rows)?;
        self.change(|pattern, values, _| {
            values::zero_rows(pattern, values, &rows, component, diag)
        })?
        .map_err(|e| self.core().refuse_entry(&e))
    }

    /// The component that the rows are restricted to.
    fn component(&self, rows: &(impl Rows<R> + ?Sized)) -> Result<Component> {
        match rows.component() {
            Component::One(one) if one >= T::ROWS => {
                let reason = format!("its rows have no component {one}: there are {}", T::ROWS);
                Err(self.core().refuse(reason))
            }
            component => Ok(component),
        }
    }

    /// Replaces the diagonal.
    ///
    /// # Errors
    /// A diagonal entry that the pattern lacks (nothing is changed then); as [`write`](Mat::write).
    pub fn set_diagonal(&self, diagonal: &Dat<R, T>) -> Result<()> {
        let set = &self.core().sparsity.rows;
        self.change(|pattern, values, turn| {
            let diagonal = vectors::rows(diagonal, set, turn)?;
            values::set_diagonal(pattern, values, &diagonal)
                .map_err(|e| self.core().refuse_entry(&e))
        })?
    }

    /// Copies the diagonal to a dat; zero where the pattern has no entry.
    ///
    /// # Errors
    /// A dat of another set or in use; as [`read`](Mat::read).
    pub fn diagonal(&self, to: &Dat<R, T>) -> Result<()> {
        let set = &self.core().sparsity.rows;
        self.look(|pattern, values, turn| {
            let diagonal = values::diagonal(pattern, values);
            vectors::change_rows(to, set, turn, |to| to.copy_from_slice(&diagonal))
        })?
    }

    /// The matrix with rows and columns exchanged, as one of its own.
    ///
    /// # Errors
    /// Not enough memory; as [`read`](Mat::read).
    pub fn transpose(&self, name: &str) -> Result<Mat<C, R, T::Transposed>> {
        let sparsity = &self.core().sparsity;
        let moved = self.look(|_, values, _| sparsity.transposed().values(values))?;
        let transposed = Mat::around(name, &sparsity.exchanged())?;
        transposed.change(|_, values, _| values.copy_from_slice(&moved))?;
        Ok(transposed)
    }

    /// The root of the sum of all squares.
    ///
    /// # Errors
    /// As [`read`](Mat::read).
    pub fn frobenius_norm(&self) -> Result<T::Scalar> {
        self.look(|_, values, _| values::frobenius_norm(values))
    }

    /// The greatest sum of magnitudes in a column.
    ///
    /// # Errors
    /// As [`read`](Mat::read).
    pub fn one_norm(&self) -> Result<T::Scalar> {
        self.look(|pattern, values, _| values::one_norm(pattern, values))
    }

    /// The greatest sum of magnitudes in a row.
    ///
    /// # Errors
    /// As [`read`](Mat::read).
    pub fn inf_norm(&self) -> Result<T::Scalar> {
        self.look(|pattern, values, _| values::inf_norm(pattern, values))
    }

    /// A copy for `sprs`, by rows. Blocks stay blocks.
    ///
    /// # Errors
    /// As [`read`](Mat::read).
    pub fn to_csr(&self) -> Result<CsMatI<T, u32>> {
        Ok(self.read()?.csr().to_owned())
    }

    /// A copy for `sprs` in single numbers: component `i` of row `r` is row `r * ROWS + i`.
    ///
    /// # Errors
    /// More numbers than 32 bits can count; as [`read`](Mat::read).
    pub fn to_numbers(&self) -> Result<CsMatI<T::Scalar, u32>> {
        let guard = self.read()?;
        exchange::to_numbers(guard.pattern(), guard.values())
            .map_err(|e| self.core().refuse(e.to_string()))
    }

    /// Takes the values of a matrix of `sprs`; zero where it has no entry.
    ///
    /// # Errors
    /// Another shape, an entry that the pattern lacks (nothing is changed then); as
    /// [`write`](Mat::write).
    pub fn load<I: SpIndex, P: SpIndex>(&self, from: &CsMatViewI<'_, T, I, P>) -> Result<()> {
        let loaded = {
            let guard = self.read()?;
            exchange::load(guard.pattern(), from).map_err(|e| self.core().refuse(e.to_string()))?
        };
        self.store(&loaded)
    }

    /// Replaces all values, given in the user's numbering.
    fn store(&self, loaded: &[T]) -> Result<()> {
        let sparsity = &self.core().sparsity;
        if sparsity.rows.order().is_none() && sparsity.cols.order().is_none() {
            return self.change(|_, values, _| values.copy_from_slice(loaded));
        }
        let guard = self.read()?;
        let places: Vec<(u32, u32)> = (0..guard.pattern().num_rows() as u32)
            .flat_map(|row| guard.pattern().row(row).iter().map(move |&col| (row, col)))
            .collect();
        drop(guard);
        let mut guard = self.write()?;
        let mut entries = places.into_iter().zip(loaded);
        entries.try_for_each(|((row, col), value)| guard.set(row, col, *value))
    }

    /// Writes the matrix, in single numbers, as a Matrix Market file.
    ///
    /// # Errors
    /// Whatever `to` reports; as [`to_numbers`](Mat::to_numbers).
    pub fn write_matrix_market(&self, to: &mut impl Write) -> Result<()> {
        matrix_market::write(&self.to_numbers()?.view(), to)
    }
}

impl<S, T, V> Mat<S, S, T>
where
    T: Entry<X = V, Y = V>,
    V: Element + bytemuck::Pod,
{
    /// Prescribes the solution of `A x = rhs` on some rows, keeping a symmetric matrix symmetric:
    /// what the known values contribute to other rows moves to the right-hand side, the rows and
    /// columns become zero with `diag` on the diagonal, and `rhs[row] = diag * given[row]`. Of blocks all
    /// components, or the one that [`OneComponent`](super::rows::OneComponent) names.
    ///
    /// Of `given` only the rows named are read.
    ///
    /// # Errors
    /// Rows of another set or beyond it, a component that blocks do not have, a missing diagonal entry,
    /// `given` and `rhs` the same dat or
    /// in use (nothing is changed then); as [`write`](Mat::write).
    pub fn eliminate(
        &self,
        rows: &(impl Rows<S> + ?Sized),
        given: &Dat<S, V>,
        rhs: &Dat<S, V>,
        diag: T::Scalar,
    ) -> Result<()> {
        let sparsity = &self.core().sparsity;
        let set = &sparsity.rows;
        if set.id != sparsity.cols.id {
            let reason = format!("its rows are {set:?} and its columns {:?}", sparsity.cols);
            return Err(self.core().refuse(reason));
        }
        let component = self.component(rows)?;
        let rows = rows.local(set)?;
        vectors::check_apart(given.core(), rhs.core())?;
        self.change(|pattern, values, turn| {
            let given = vectors::rows(given, set, turn)?;
            vectors::change_rows(rhs, set, turn, |rhs| {
                values::eliminate(pattern, values, (&rows, component), &given, rhs, diag)
            })?
            .map_err(|e| self.core().refuse_entry(&e))
        })?
    }
}

/// A matrix read from a Matrix Market file, for `sprs` or [`Mat::load`].
///
/// # Errors
/// A file that is something else, is cut off, or names entries outside its matrix.
pub fn read_matrix_market<S: Scalar>(
    from: &mut impl std::io::BufRead,
) -> Result<CsMatI<S, u32>, Error> {
    let (pattern, values) = matrix_market::read(from)?;
    Ok(exchange::view(&pattern, &values).to_owned())
}

//! Algebra on whole matrices, in the user's words; the computing is in `values` and `exchange`.

use std::io::Write;

use sprs::{CsMatI, CsMatViewI, SpIndex};

use crate::base::element::Element;
use crate::base::error::{Error, Result};
use crate::mesh::dat::Dat;
use crate::mesh::mirror::Fresh;

use super::entry::{Entry, Scalar};
use super::mat::Mat;
use super::neighbors::{Contributions, neighbors};
use super::pattern::Pattern;
use super::product::{Zeros, elsewhere};
use super::rows::Rows;
use super::values::Component;
use super::{exchange, gather, matrix_market, rank_transpose, values, vectors};

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
        if own.id != others.id {
            let same_sets = own.rows.id == others.rows.id && own.cols.id == others.cols.id;
            let fits = if same_sets && own.pattern() == others.pattern() {
                Ok(())
            } else {
                let other = other.core();
                let reason = format!("{other:?} has another pattern, so that it cannot be added");
                Err(self.core().refuse(reason))
            };
            self.core().agree(fits)?;
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
        let mut rows = rows.local(&self.core().sparsity.rows)?;
        rows.retain(|&row| (row as usize) < self.core().sparsity.rows.owned());
        if diag != T::Scalar::ZERO {
            self.check_diagonal(&rows)?;
        }
        self.change(|pattern, values, _| {
            values::zero_rows(pattern, values, &rows, component, diag)
        })?
        .map_err(|e| self.core().refuse_entry(&e))
    }

    /// That all ranks have the diagonal entries of their rows. Collective; what one rank lacks is found
    /// where it is needed.
    fn check_diagonal(&self, rows: &[u32]) -> Result<()> {
        if self.core().home().comm().is_none() {
            return Ok(());
        }
        let missing = self.look(|pattern, _, _| {
            let mut own = rows.iter().filter(|&&row| (row as usize) < pattern.num_rows());
            own.try_for_each(|&row| pattern.position(row, row).map(drop))
        })?;
        self.core().agree(missing.map_err(|e| self.core().refuse_entry(&e)))
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
        let all: Vec<u32> = (0..set.owned() as u32).collect();
        self.check_diagonal(&all)?;
        self.change(|pattern, values, turn| {
            let diagonal = vectors::rows(diagonal, set, turn)?;
            values::set_diagonal(pattern, values, &diagonal[..set.owned()])
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
            vectors::change_rows(to, set, turn, |to| to[..set.owned()].copy_from_slice(&diagonal))
        })?
    }

    /// The matrix with rows and columns exchanged, as one of its own. Collective.
    ///
    /// # Errors
    /// Not enough memory; on several ranks, a column whose owner stores no copy of the row; as
    /// [`read`](Mat::read).
    pub fn transpose(&self, name: &str) -> Result<Mat<C, R, T::Transposed>> {
        let sparsity = &self.core().sparsity;
        let home = self.core().home();
        let neighbors = neighbors(home)?;
        let (sparsity, moved) = self.look(|_, values, _| {
            let Some((comm, neighbors)) = home.comm().zip(neighbors) else {
                let transposed = sparsity.transposed();
                let exchanged = sparsity.exchanged(Ok(transposed.pattern().clone()))?;
                return Ok::<_, Error>((exchanged, transposed.values(values)));
            };
            let parts = rank_transpose::transposed(&**comm, &*neighbors, sparsity, values)?;
            let (pattern, moved) = match parts {
                Ok((pattern, moved)) => (Ok(pattern), moved),
                Err(error) => (Err(error), Vec::new()),
            };
            Ok((sparsity.exchanged(pattern)?, moved))
        })??;
        let transposed = Mat::around(name, &sparsity)?;
        transposed.change(|_, values, _| values.copy_from_slice(&moved))?;
        Ok(transposed)
    }

    /// The root of the sum of all squares. Collective.
    ///
    /// # Errors
    /// As [`read`](Mat::read).
    pub fn frobenius_norm(&self) -> Result<T::Scalar> {
        let norm = self.look(|_, values, _| values::frobenius_norm(values))?;
        if self.core().home().comm().is_none() {
            return Ok(norm);
        }
        let squares = self.of_ranks(norm)?.into_iter().map(|norm| norm * norm);
        Ok(squares.fold(T::Scalar::ZERO, |sum, square| sum + square).sqrt())
    }

    /// A number of each rank, by rank. Collective.
    fn of_ranks(&self, mine: T::Scalar) -> Result<Vec<T::Scalar>> {
        let Some(comm) = self.core().home().comm() else { return Ok(vec![mine]) };
        let all = comm.all_gather(bytemuck::bytes_of(&mine))?;
        Ok(all.iter().flat_map(|bytes| bytemuck::pod_collect_to_vec(bytes)).collect())
    }

    /// The greatest sum of magnitudes in a column. Collective.
    ///
    /// # Errors
    /// As [`read`](Mat::read).
    pub fn one_norm(&self) -> Result<T::Scalar> {
        let Some(neighbors) = neighbors(self.core().home())? else {
            return self.look(|pattern, values, _| values::one_norm(pattern, values));
        };
        let sparsity = &self.core().sparsity;
        let mine = self.look(|pattern, values, _| {
            let mut sums = values::column_sums(pattern, values);
            let mut sums = ColumnSums { sums: &mut sums, width: T::COLS };
            let bytes = T::COLS * size_of::<T::Scalar>();
            neighbors.send_back(sparsity.wanted(), bytes, &mut sums)?;
            let owned = sparsity.cols.owned() * T::COLS;
            Ok::<_, Error>(values::max(sums.sums[..owned].iter().copied()))
        })??;
        Ok(values::max(self.of_ranks(mine)?))
    }

    /// The greatest sum of magnitudes in a row. Collective.
    ///
    /// # Errors
    /// As [`read`](Mat::read).
    pub fn inf_norm(&self) -> Result<T::Scalar> {
        let norm = self.look(|pattern, values, _| values::inf_norm(pattern, values))?;
        Ok(values::max(self.of_ranks(norm)?))
    }

    /// A copy for `sprs`, by rows; of the whole matrix on every rank. Blocks stay blocks. Collective.
    ///
    /// # Errors
    /// As [`read`](Mat::read).
    pub fn to_csr(&self) -> Result<CsMatI<T, u32>> {
        Ok(self.read()?.csr().to_owned())
    }

    /// A copy for `sprs` in single numbers: component `i` of row `r` is row `r * ROWS + i`. Of the whole
    /// matrix, on every rank. Collective.
    ///
    /// # Errors
    /// More numbers than 32 bits can count; as [`read`](Mat::read).
    pub fn to_numbers(&self) -> Result<CsMatI<T::Scalar, u32>> {
        let guard = self.read()?;
        exchange::to_numbers(guard.pattern(), guard.values())
            .map_err(|e| self.core().refuse(e.to_string()))
    }

    /// As [`to_numbers`](Self::to_numbers) on one rank; `None` on the others. Collective.
    ///
    /// # Errors
    /// More numbers than 32 bits can count; as [`read`](Mat::read). On that rank alone, unless all agree.
    pub(super) fn to_numbers_on(&self, rank: usize) -> Result<Option<CsMatI<T::Scalar, u32>>> {
        let Some(comm) = self.core().home().comm() else { return self.to_numbers().map(Some) };
        let sparsity = &self.core().sparsity;
        let whole = self.look(|_, values, _| gather::on_one(&**comm, rank, sparsity, values))?;
        let numbers = |(pattern, values): (Pattern, Vec<T>)| {
            exchange::to_numbers(&pattern, &values).map_err(|e| self.core().refuse(e.to_string()))
        };
        whole?.map(numbers).transpose()
    }

    /// Takes the values of a matrix of `sprs`; zero where it has no entry. All ranks give the whole matrix,
    /// of which each takes the rows that it owns. Collective.
    ///
    /// # Errors
    /// Another shape, an entry that the pattern lacks (nothing is changed then); as
    /// [`write`](Mat::write).
    pub fn load<I: SpIndex, P: SpIndex>(&self, from: &CsMatViewI<'_, T, I, P>) -> Result<()> {
        if self.core().home().comm().is_some() {
            let mine = self.core().agree(self.own_values(from))?;
            return self.change(|_, values, _| values.copy_from_slice(&mine));
        }
        let loaded = {
            let guard = self.read()?;
            exchange::load(guard.pattern(), from).map_err(|e| self.core().refuse(e.to_string()))?
        };
        self.store(&loaded)
    }

    /// The values of the rows of this rank.
    fn own_values<I: SpIndex, P: SpIndex>(&self, from: &CsMatViewI<'_, T, I, P>) -> Result<Vec<T>> {
        let core = self.core();
        if from.shape() != self.size() {
            let wrong = exchange::LoadError::Shape { found: from.shape(), expected: self.size() };
            return Err(core.refuse(wrong.to_string()));
        }
        let mut values = vec![T::zeroed(); core.sparsity.pattern().num_entries()];
        for (value, (row, col)) in from {
            if let Some(place) = core.place(row.index() as u32, col.index() as u32)? {
                values[place] = *value;
            }
        }
        Ok(values)
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

    /// Writes the matrix, in single numbers, as a Matrix Market file. Collective: of several ranks, rank 0
    /// writes, and the others leave their `to` alone.
    ///
    /// # Errors
    /// Whatever `to` reports; as [`to_numbers`](Mat::to_numbers).
    pub fn write_matrix_market(&self, to: &mut impl Write) -> Result<()> {
        let whole = self.to_numbers_on(0);
        let write = |whole: CsMatI<T::Scalar, u32>| matrix_market::write(&whole.view(), to);
        self.core().agree(whole.and_then(|whole| whole.map_or(Ok(()), write)))
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
        self.check_diagonal(&rows)?;
        let neighbors = neighbors(&set.home)?;
        self.change(|pattern, values, turn| {
            vectors::check(given.core(), set, false)?;
            if let Some(neighbors) = neighbors {
                // Fixed columns may belong to other ranks.
                neighbors.bring(sparsity.wanted(), given.core(), &mut |_| Ok(()))?;
            }
            let given = vectors::rows(given, set, turn)?;
            vectors::change_rows(rhs, set, turn, |rhs| {
                let rhs = &mut rhs[..set.owned()];
                values::eliminate(pattern, values, (&rows, component), &given, rhs, diag)
            })?
            .map_err(|e| self.core().refuse_entry(&e))
        })?
    }
}

/// Sums of the columns of each element, `width` of them.
struct ColumnSums<'s, S> {
    sums: &'s mut [S],
    width: usize,
}

impl<S: Scalar> Contributions for ColumnSums<'_, S> {
    fn pack(&self, rows: &[u32], message: &mut [u8]) {
        let parts = message.chunks_exact_mut(self.width * size_of::<S>());
        for (&row, part) in rows.iter().zip(parts) {
            let sums = &self.sums[row as usize * self.width..][..self.width];
            part.copy_from_slice(bytemuck::cast_slice(sums));
        }
    }

    fn add(&mut self, rows: &[u32], message: &[u8]) {
        let parts = message.chunks_exact(self.width * size_of::<S>());
        for (&row, part) in rows.iter().zip(parts) {
            let sums = &mut self.sums[row as usize * self.width..][..self.width];
            let others: Vec<S> = bytemuck::pod_collect_to_vec(part);
            sums.iter_mut().zip(others).for_each(|(sum, other)| *sum += other);
        }
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

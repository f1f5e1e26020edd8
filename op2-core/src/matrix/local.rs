//! Matrices and vectors as plain arrays in local numbering, for algorithms that go through the rows
//! one after the other, such as factorizations. On several ranks, these see the rows and columns that belong
//! to this rank.

use std::time::Instant;

use crate::base::element::Element;
use crate::base::error::{Error, Result};
use crate::base::layout::Layout;
use crate::base::profile::Call;
use crate::mesh::dat::Dat;
use crate::mesh::set::{Set, SetCore};

use super::entry::Entry;
use super::mat::Mat;
use super::pattern::Pattern;
use super::product::elsewhere;
use super::storage::Held;
use super::vectors;

/// A matrix as it is now, in local numbering. Later changes of the matrix do not show.
pub struct LocalMat<R, C, T: Entry> {
    mat: Mat<R, C, T>,
    held: Held<T>,
}

impl<R, C, T: Entry> Mat<R, C, T> {
    /// The matrix as it is now, in local numbering, without copying. On several ranks a copy of the
    /// diagonal block of this rank: of the rows that it owns, the columns that it owns.
    ///
    /// # Errors
    /// As [`read`](Mat::read).
    pub fn local(&self) -> Result<LocalMat<R, C, T>> {
        let held = self.shared()?;
        let held = if self.core().home().comm().is_none() {
            held
        } else {
            held.columns(self.core().sparsity.cols.owned())
        };
        Ok(LocalMat { mat: self.clone(), held })
    }
}

impl<R, C, T: Entry> LocalMat<R, C, T> {
    /// Which entries there are.
    pub fn pattern(&self) -> &Pattern {
        self.held.pattern()
    }

    /// The values, `[num_entries]`, in the order of the pattern.
    pub fn values(&self) -> &[T] {
        self.held.values()
    }

    /// The set of the rows.
    pub fn row_set(&self) -> &SetCore {
        &self.mat.core().sparsity.rows
    }

    /// What this rank has found, unless a rank has an error: that is the same on all then. Collective.
    ///
    /// # Errors
    /// The first rank's that has one; those of the ranks.
    pub fn agree<A>(&self, mine: Result<A>) -> Result<A> {
        self.mat.core().agree(mine)
    }

    /// An error about the matrix.
    pub fn refuse(&self, reason: impl Into<String>) -> Error {
        self.mat.core().refuse(reason)
    }

    /// That rows and columns are the same set.
    ///
    /// # Errors
    /// They are not.
    pub fn check_square(&self) -> Result<()> {
        let (rows, cols) = (self.row_set(), &self.mat.core().sparsity.cols);
        if rows.id == cols.id {
            return Ok(());
        }
        Err(self.refuse(format!("its rows are {rows:?} and its columns {cols:?}")))
    }

    /// A new dat on the rows, under the first free name like `name`, with `values` `[num_rows]`.
    ///
    /// # Errors
    /// Not enough memory.
    ///
    /// # Panics
    /// If there is not one value for each row.
    pub fn row_dat<V: Element>(&self, name: &str, values: &[V]) -> Result<Dat<R, V>> {
        let rows = &self.mat.core().sparsity.rows;
        let dat = Dat::scratch(name, &Set::of_core(rows.clone()), Layout::Aos)?;
        let turn = self.mat.turn()?;
        vectors::change_rows(&dat, rows, &turn, |to| to[..rows.owned()].copy_from_slice(values))?;
        Ok(dat)
    }

    /// Lets `work` compute the rows of `y` from those of `x`, two dats on the rows of the matrix, on the
    /// host; on several ranks, the rows that this rank owns. The report calls it `what` of the matrix.
    ///
    /// # Errors
    /// Dats of other sets, the same dat twice, a guard on one of them, sets renumbered since.
    pub fn map_rows<X: Element, Y: Element, A>(
        &self,
        what: &str,
        x: &Dat<R, X>,
        y: &Dat<R, Y>,
        work: impl FnOnce(&[X], &mut [Y]) -> A,
    ) -> Result<A> {
        vectors::check_apart(x.core(), y.core())?;
        let turn = self.mat.turn()?;
        let start = Instant::now();
        let x = vectors::rows(x, self.row_set(), &turn)?;
        let owned = self.row_set().owned();
        let done =
            vectors::change_rows(y, self.row_set(), &turn, |y| work(&x[..owned], &mut y[..owned]))?;
        self.record(what, start.elapsed().as_secs_f64());
        Ok(done)
    }

    /// Enters a pass through all rows in the context's report.
    fn record(&self, what: &str, seconds: f64) {
        let home = self.mat.core().home();
        let entry = home.profile().entry_named(&format!("{what} `{}`", self.mat.name()));
        let elements = self.pattern().num_rows() as u64;
        home.profile().record(entry, Call { seconds, elements, ..Call::default() });
        if elsewhere(home).is_some() {
            let note = "goes through the rows one after the other, on the host: vectors are copied from the device and back";
            home.profile().note(entry, note);
        }
    }
}

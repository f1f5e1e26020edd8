//! A matrix in the user's hands: for reading, for changing single entries, as it was when assembled.

use std::marker::PhantomData;

use sprs::CsMatViewI;

use crate::base::error::{Error, Result};
use crate::mesh::home::Turn;

use super::entry::Entry;
use super::exchange;
use super::mat_core::MatCore;
use super::pattern::Pattern;
use super::storage::{Held, slice_mut};

/// A matrix for reading, in the user's numbering; on several ranks a copy of the whole.
pub struct MatRead<'m, T: Entry> {
    core: &'m MatCore,
    held: Option<Held<T>>,
}

impl<'m, T: Entry> MatRead<'m, T> {
    /// Opens the matrix for reading, in the turn of its home.
    pub(super) fn open(core: &'m MatCore, turn: &Turn<'_>) -> Result<Self> {
        core.storage.enter(1).map_err(|reason| core.in_use(reason))?;
        // The guard exists first, so that it leaves again whatever comes.
        let mut guard = Self { core, held: None };
        guard.held = Some(Held::take(core, turn)?);
        Ok(guard)
    }

    fn held(&self) -> &Held<T> {
        self.held.as_ref().expect("filled as soon as the guard exists")
    }

    /// Which entries there are.
    pub fn pattern(&self) -> &Pattern {
        self.held().pattern()
    }

    /// The values, `[num_entries]`, in the order of the pattern.
    pub fn values(&self) -> &[T] {
        self.held().values()
    }

    /// The matrix as `sprs` sees it, by rows, without copying.
    pub fn csr(&self) -> CsMatViewI<'_, T, u32> {
        exchange::view(self.pattern(), self.values())
    }

    /// One entry, if the pattern has it.
    pub fn get(&self, row: u32, col: u32) -> Option<&T> {
        self.pattern().find(row, col).map(|place| &self.values()[place])
    }
}

impl<T: Entry> Drop for MatRead<'_, T> {
    fn drop(&mut self) {
        self.held = None;
        self.core.storage.leave(1);
    }
}

/// A matrix for changing single entries, named in the user's numbering.
///
/// On several ranks, calls do nothing where another rank has the row. An entry that the pattern lacks is
/// an error on the rank that owns the row, and once the guard is dropped, of the next call that touches
/// data on all ranks.
pub struct MatWrite<'m, T: Entry> {
    core: &'m MatCore,
    start: *mut u8,
    /// The first error here, which other ranks have not heard of yet.
    refused: Option<Error>,
    /// Whether ranks have heard of errors.
    closed: bool,
    marker: PhantomData<&'m mut [T]>,
}

impl<'m, T: Entry> MatWrite<'m, T> {
    /// Opens the matrix for writing, in the turn of its home.
    pub(super) fn open(core: &'m MatCore, _turn: &Turn<'_>) -> Result<Self> {
        core.storage.enter(-1).map_err(|reason| core.in_use(reason))?;
        let start = std::ptr::null_mut();
        // The others open it too, or fail alike.
        let mut guard = Self { core, start, refused: None, closed: true, marker: PhantomData };
        guard.start = core.values_ptr()?;
        guard.closed = core.home().comm().is_none();
        Ok(guard)
    }

    /// Ends changing with a result on which all ranks agree. Collective.
    pub(super) fn close(mut self, done: Result<()>) -> Result<()> {
        self.closed = true;
        self.core.agree(done)
    }

    /// The entry, if this rank has its row.
    fn entry(&mut self, row: u32, col: u32) -> Result<Option<&mut T>> {
        let place = match self.core.place(row, col) {
            Ok(None) => return Ok(None),
            Ok(Some(place)) => place,
            Err(error) => {
                self.refused.get_or_insert_with(|| error.clone());
                return Err(error);
            }
        };
        // SAFETY: the values are T; the guard count keeps everyone else away, and so does
        // `&mut self`.
        let values = unsafe { slice_mut::<T>(self.start, self.core.sparsity.pattern()) };
        Ok(Some(&mut values[place]))
    }

    /// Replaces one entry.
    ///
    /// # Errors
    /// The pattern has no such entry.
    pub fn set(&mut self, row: u32, col: u32, value: T) -> Result<()> {
        if let Some(entry) = self.entry(row, col)? {
            *entry = value;
        }
        Ok(())
    }

    /// Adds to one entry.
    ///
    /// # Errors
    /// The pattern has no such entry.
    pub fn add(&mut self, row: u32, col: u32, value: T) -> Result<()> {
        if let Some(entry) = self.entry(row, col)? {
            entry.accumulate(&value);
        }
        Ok(())
    }

    /// Adds a small dense tensor, `[rows, cols]`: `tensor[i][j]` to the entry of `rows[i]`, `cols[j]`.
    ///
    /// # Errors
    /// The pattern lacks one of the entries; nothing is changed then.
    pub fn add_tensor<const A: usize, const B: usize>(
        &mut self,
        rows: &[u32; A],
        cols: &[u32; B],
        tensor: &[[T; B]; A],
    ) -> Result<()> {
        for &row in rows {
            cols.iter().try_for_each(|&col| self.entry(row, col).map(drop))?;
        }
        for (&row, values) in rows.iter().zip(tensor) {
            for (&col, value) in cols.iter().zip(values) {
                self.add(row, col, *value)?;
            }
        }
        Ok(())
    }
}

impl<T: Entry> Drop for MatWrite<'_, T> {
    fn drop(&mut self) {
        self.core.storage.leave(-1);
        // Whoever panics leaves the others to hear that it has ended.
        if self.closed || std::thread::panicking() {
            return;
        }
        // On all alike, so that ranks go on calling the same.
        let agreed = self.core.agree(self.refused.take().map_or(Ok(()), Err));
        agreed.unwrap_or_else(|error| self.core.home().fail_later(error));
    }
}

/// A matrix as it was when assembled, in the user's numbering. See [`Mat::assemble`](super::mat::Mat::assemble).
#[derive(Clone, Copy, Debug)]
pub struct Assembled<'m, T> {
    pattern: &'m Pattern,
    values: &'m [T],
}

impl<'m, T: Entry> Assembled<'m, T> {
    pub(super) fn of(held: &'m Held<T>) -> Self {
        Self { pattern: held.pattern(), values: held.values() }
    }

    /// Which entries there are.
    pub fn pattern(&self) -> &'m Pattern {
        self.pattern
    }

    /// The values, `[num_entries]`, in the order of the pattern.
    pub fn values(&self) -> &'m [T] {
        self.values
    }

    /// The matrix as `sprs` sees it, by rows, without copying.
    pub fn csr(&self) -> CsMatViewI<'m, T, u32> {
        exchange::view(self.pattern, self.values)
    }
}

//! A matrix in the user's hands: for reading, for changing single entries, as it was when assembled.

use std::marker::PhantomData;

use sprs::CsMatViewI;

use crate::base::error::Result;
use crate::mesh::home::Turn;

use super::entry::Entry;
use super::exchange;
use super::mat_core::MatCore;
use super::pattern::Pattern;
use super::storage::{Held, slice_mut};

/// A matrix for reading, in the user's numbering.
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
pub struct MatWrite<'m, T: Entry> {
    core: &'m MatCore,
    start: *mut u8,
    marker: PhantomData<&'m mut [T]>,
}

impl<'m, T: Entry> MatWrite<'m, T> {
    /// Opens the matrix for writing, in the turn of its home.
    pub(super) fn open(core: &'m MatCore, _turn: &Turn<'_>) -> Result<Self> {
        core.storage.enter(-1).map_err(|reason| core.in_use(reason))?;
        let mut guard = Self { core, start: std::ptr::null_mut(), marker: PhantomData };
        guard.start = core.values_ptr()?;
        Ok(guard)
    }

    fn entry(&mut self, row: u32, col: u32) -> Result<&mut T> {
        let place = self.core.place(row, col)?;
        // SAFETY: the values are T; the guard count keeps everyone else away, and so does
        // `&mut self`.
        let values = unsafe { slice_mut::<T>(self.start, self.core.sparsity.pattern()) };
        Ok(&mut values[place])
    }

    /// Replaces one entry.
    ///
    /// # Errors
    /// The pattern has no such entry.
    pub fn set(&mut self, row: u32, col: u32, value: T) -> Result<()> {
        *self.entry(row, col)? = value;
        Ok(())
    }

    /// Adds to one entry.
    ///
    /// # Errors
    /// The pattern has no such entry.
    pub fn add(&mut self, row: u32, col: u32, value: T) -> Result<()> {
        self.entry(row, col)?.accumulate(&value);
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

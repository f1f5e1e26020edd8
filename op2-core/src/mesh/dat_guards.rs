//! Guards: the values of a dat as slices, in the user's numbering.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::Ordering;

use crate::base::element::Element;
use crate::base::error::Result;
use crate::mesh::dat_core::DatCore;
use crate::mesh::dat_rows::{load_rows, store_changes, store_rows};

/// The rows of a dat in the user's order: the storage itself or a copy of it. On several ranks it is a
/// copy of all rows.
pub(super) struct Rows<'a, T> {
    core: &'a DatCore,
    copy: Option<Vec<T>>,
}

impl<'a, T: Element> Rows<'a, T> {
    pub(super) fn open(core: &'a DatCore) -> Result<Self> {
        let direct = !core.is_scattered() && core.set.order().is_none();
        Ok(Self { core, copy: if direct { None } else { Some(load_rows(core)?) } })
    }

    fn as_slice(&self) -> &[T] {
        match &self.copy {
            Some(copy) => copy,
            // SAFETY: the storage holds `size` values of T row by row, and the guard count keeps
            // writers away.
            None => unsafe {
                std::slice::from_raw_parts(self.core.storage().cast(), self.core.set.size)
            },
        }
    }

    fn as_mut_slice(&mut self) -> &mut [T] {
        match &mut self.copy {
            Some(copy) => copy,
            // SAFETY: as above, and the guard count keeps everyone else away.
            None => unsafe {
                std::slice::from_raw_parts_mut(self.core.storage().cast(), self.core.set.size)
            },
        }
    }
}

/// The values of a dat, for reading. Derefs to `[T]`.
pub struct ReadGuard<'a, T> {
    pub(super) rows: Rows<'a, T>,
}

impl<T: Element> Deref for ReadGuard<'_, T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        self.rows.as_slice()
    }
}

impl<T> Drop for ReadGuard<'_, T> {
    fn drop(&mut self) {
        self.rows.core.guards.fetch_sub(1, Ordering::Release);
    }
}

/// The values of a dat, for reading and writing. Derefs to `[T]`; what was written is in the dat
/// once the guard is dropped. Where a panic drops it, one rank alone keeps what was written so far; on
/// several ranks it is lost, because a rank that panics cannot tell the others of it.
pub struct WriteGuard<'a, T: Element> {
    rows: Rows<'a, T>,
    /// The rows as they were, where other ranks have changes of their own.
    before: Option<Vec<T>>,
}

impl<'a, T: Element> WriteGuard<'a, T> {
    pub(super) fn new(rows: Rows<'a, T>) -> Self {
        let shared = rows.core.set.home.comm().is_some();
        let before = if shared { rows.copy.clone() } else { None };
        Self { rows, before }
    }
}

impl<T: Element> Deref for WriteGuard<'_, T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        self.rows.as_slice()
    }
}

impl<T: Element> DerefMut for WriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut [T] {
        self.rows.as_mut_slice()
    }
}

impl<T: Element> Drop for WriteGuard<'_, T> {
    fn drop(&mut self) {
        let core = self.rows.core;
        if let (Some(now), Some(before)) = (&self.rows.copy, &self.before) {
            // A rank that panics asks nothing of the others: they may be anywhere.
            if !std::thread::panicking() {
                store_changes(core, before, now)
                    .unwrap_or_else(|error| core.set.home.fail_later(error));
            }
        } else if let Some(copy) = &self.rows.copy {
            store_rows(core, copy);
        }
        core.guards.store(0, Ordering::Release);
    }
}

impl<T: Element + fmt::Debug> fmt::Debug for ReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: Element + fmt::Debug> fmt::Debug for WriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

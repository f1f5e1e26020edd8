//! A map to the rows or columns of a matrix, some of whose entries may lead nowhere.

use std::borrow::Cow;

use crate::mesh::map::MapCore;
use crate::mesh::subset::SubsetCore;

use super::table::{DROPPED, Table};

/// A map to the rows or columns of a matrix, and where it leads nowhere.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The map.
    pub map: &'a MapCore,
    /// Elements of its target that are left out.
    pub mask: Option<&'a SubsetCore>,
}

impl<'a> Side<'a> {
    /// Tells it from others.
    pub(super) fn key(self) -> [u64; 2] {
        [self.map.id, self.mask.map_or(0, |mask| mask.id)]
    }

    /// The map's entries, [`DROPPED`] where it leads nowhere.
    ///
    /// # Safety
    /// Hold the home's turn as long as the entries are used.
    pub(super) unsafe fn entries(self) -> Cow<'a, [u32]> {
        // SAFETY: the caller's promise.
        let entries = unsafe { self.map.table() };
        let Some(mask) = self.mask else { return Cow::Borrowed(entries) };
        let mut dropped = vec![false; self.map.to.rows()];
        mask.indices().iter().for_each(|&element| dropped[element as usize] = true);
        let keep = |&entry: &u32| if dropped[entry as usize] { DROPPED } else { entry };
        Cow::Owned(entries.iter().map(keep).collect())
    }
}

/// Entries of a map, or of what is left of it, as a plain table.
pub(super) fn as_table<'e>(entries: &'e [u32], map: &MapCore) -> Table<'e> {
    Table::new(entries, map.arity).expect("a map has whole rows, and an arity above zero")
}

/// A map as a plain table.
///
/// # Safety
/// Hold the home's turn as long as the table is used.
pub(super) unsafe fn table(map: &MapCore) -> Table<'_> {
    // SAFETY: the caller's promise.
    as_table(unsafe { map.table() }, map)
}

//! Local and global element numbers, and the only conversions between them.
//!
//! Holds the two numberings as types and the checked ways between `usize`,
//! `u64` and `u32`. What a number counts (edges, cells, halo entries) is left to
//! the caller, who names it in `what` so that the error can repeat it.
//!
//! Invariant: no other place narrows an element number.

use std::fmt;

/// The largest number of elements that one rank can hold.
pub const MAX_LOCAL: u64 = u32::MAX as u64;

// `LocalIdx::as_usize` and `GlobalIdx::from_usize` lose nothing under these.
const _: () = assert!(usize::BITS >= 32 && usize::BITS <= 64, "usize must have 32 to 64 bits");

/// The number of an element on this rank, `0..set.size()` and its halos.
///
/// 32 bits wide: half the memory traffic of a map compared with `usize`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct LocalIdx(u32);

impl LocalIdx {
    /// The local number `index`.
    pub const fn new(index: u32) -> LocalIdx {
        LocalIdx(index)
    }

    /// Narrows `index`; `what` names it for the error, as in "an entry of map `edge_cells`".
    ///
    /// # Errors
    /// `index` does not fit the local numbering.
    pub fn from_usize(what: &str, index: usize) -> Result<LocalIdx, IndexOverflow> {
        local_size(what, index).map(LocalIdx)
    }

    /// The number itself.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The number as a position in an array.
    pub const fn as_usize(self) -> usize {
        self.0 as usize
    }
}

/// The number of an element in the whole mesh, the same on every rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct GlobalIdx(u64);

impl GlobalIdx {
    /// The global number `index`.
    pub const fn new(index: u64) -> GlobalIdx {
        GlobalIdx(index)
    }

    /// Widens a position in an array.
    pub const fn from_usize(index: usize) -> GlobalIdx {
        GlobalIdx(index as u64)
    }

    /// The number itself.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The number as a position in an array; `what` names it for the error.
    ///
    /// # Errors
    /// The number does not fit `usize` (on targets of 32 bits).
    pub fn to_usize(self, what: &str) -> Result<usize, IndexOverflow> {
        array_size(what, self.0)
    }

    /// Narrows to a local number on a rank that holds the whole mesh.
    ///
    /// # Errors
    /// The number does not fit the local numbering.
    pub fn to_local(self, what: &str) -> Result<LocalIdx, IndexOverflow> {
        narrow(what, self.0).map(LocalIdx)
    }
}

impl fmt::Display for LocalIdx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for GlobalIdx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Narrows a size of this rank, such as a number of elements.
///
/// # Errors
/// `size` does not fit the local numbering.
pub fn local_size(what: &str, size: usize) -> Result<u32, IndexOverflow> {
    narrow(what, size as u64)
}

/// Narrows a size of the whole mesh to one of an array in memory.
///
/// # Errors
/// `size` does not fit `usize` (on targets of 32 bits).
pub fn array_size(what: &str, size: u64) -> Result<usize, IndexOverflow> {
    usize::try_from(size).map_err(|_| overflow(what, size, usize::MAX as u64))
}

/// A number that does not fit the numbering it was meant for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} is {value}, but at most {limit} can be numbered here; use more ranks")]
pub struct IndexOverflow {
    /// What the number counts or names, in the user's words.
    pub what: String,
    /// The number that was given.
    pub value: u64,
    /// The largest number that fits.
    pub limit: u64,
}

fn narrow(what: &str, value: u64) -> Result<u32, IndexOverflow> {
    u32::try_from(value).map_err(|_| overflow(what, value, MAX_LOCAL))
}

fn overflow(what: &str, value: u64, limit: u64) -> IndexOverflow {
    IndexOverflow { what: what.to_owned(), value, limit }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_local_number_fits_and_the_next_does_not() {
        let largest = GlobalIdx::new(MAX_LOCAL);
        assert_eq!(largest.to_local("a cell").unwrap().get(), u32::MAX);
        assert!(GlobalIdx::new(MAX_LOCAL + 1).to_local("a cell").is_err());
    }

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn the_error_names_what_overflowed() {
        let error = LocalIdx::from_usize("the size of set `edges`", 5_000_000_000).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the size of set `edges` is 5000000000, but at most 4294967295 can be numbered here; \
             use more ranks"
        );
    }

    #[test]
    fn widening_and_narrowing_return_the_same_number() {
        let cell = LocalIdx::from_usize("a cell", 7).unwrap();
        let global = GlobalIdx::from_usize(cell.as_usize());
        assert_eq!(global.to_local("a cell").unwrap(), cell);
        assert_eq!(global.to_usize("a cell").unwrap(), 7);
    }
}

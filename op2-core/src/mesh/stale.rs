//! Copies of other ranks' rows that no longer hold what their owners have: spoiled where mistakes are
//! looked for, so that whoever reads one is found.

use crate::base::poison::{POISON, is_poisoned, poison};
use crate::mesh::dat_core::DatCore;

/// Why such a row must not be read.
pub const STALE: &str = "which belongs to another rank and was not brought here before";

impl DatCore {
    /// Spoils rows on the host.
    ///
    /// # Panics
    /// A row is not stored here.
    ///
    /// # Safety
    /// Hold the home's turn; the host's values are valid, and no guard shows these rows.
    pub unsafe fn spoil(&self, rows: &[u32]) {
        for &row in rows {
            poison(&self.kind, 0, &mut |i| {
                // SAFETY: `byte_of` names bytes of the storage, and floating-point numbers may have any bits.
                unsafe { *self.storage().add(self.byte_of(row as usize, i)) = POISON }
            });
        }
    }

    /// Whether a row on the host is spoiled.
    ///
    /// # Panics
    /// The row is not stored here.
    ///
    /// # Safety
    /// Hold the home's turn, with the values on the host.
    pub unsafe fn is_spoiled(&self, row: usize) -> bool {
        is_poisoned(&self.kind, 0, &|i| {
            // SAFETY: `byte_of` names bytes of the storage, which nobody writes meanwhile.
            unsafe { *self.storage().add(self.byte_of(row, i)) }
        })
    }

    /// Where byte `i` of a row is in the storage.
    fn byte_of(&self, row: usize, i: usize) -> usize {
        assert!(row < self.set.rows() && i < self.bytes, "a byte of a row that is stored here");
        let bytes = self.piece_bytes();
        self.place_of(row, i / bytes) + i % bytes
    }
}

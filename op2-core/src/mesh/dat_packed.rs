//! Rows of a dat as bytes, leaf after leaf whatever the layout: how they travel between ranks.

use crate::base::buffer::{Buffer, OutOfMemory};
use crate::base::error::{Error, Result};
use crate::mesh::dat_core::DatCore;

impl DatCore {
    /// Puts rows, given by their local numbers, one after the other into `out`.
    ///
    /// # Panics
    /// A row is not stored here, or they do not fit.
    ///
    /// # Safety
    /// Hold the home's turn, with the values on the host and no guard that writes.
    pub unsafe fn pack(&self, rows: &[u32], out: &mut [u8]) {
        self.each_piece(rows, out.len(), |at, place, bytes| {
            // SAFETY: `each_piece` names bytes inside the storage and of `out`.
            unsafe {
                out.as_mut_ptr().add(at).copy_from_nonoverlapping(self.storage().add(place), bytes);
            }
        });
    }

    /// Takes rows, given by their local numbers, from where [`pack`](Self::pack) has put them.
    ///
    /// # Panics
    /// As [`pack`](Self::pack).
    ///
    /// # Safety
    /// As [`pack`](Self::pack), with no guard at all; the bytes are those of such rows.
    pub unsafe fn unpack(&self, rows: &[u32], from: &[u8]) {
        self.each_piece(rows, from.len(), |at, place, bytes| {
            // SAFETY: as above.
            unsafe {
                self.storage().add(place).copy_from_nonoverlapping(from.as_ptr().add(at), bytes);
            }
        });
    }

    /// Calls `f` for each piece of each row with its place in the packed rows, its place in the storage
    /// and its size.
    fn each_piece(&self, rows: &[u32], packed: usize, mut f: impl FnMut(usize, usize, usize)) {
        assert_eq!(packed, rows.len() * self.bytes, "so many packed rows");
        let stored = self.set.rows();
        assert_eq!(self.buffer.len(), stored * self.bytes, "the storage has the set's rows");
        let inside = |row: u32| (row as usize) < stored;
        assert!(rows.iter().all(|&row| inside(row)), "rows that are stored here");
        let bytes = self.piece_bytes();
        for (i, &row) in rows.iter().enumerate() {
            for piece in 0..self.bytes / bytes.max(1) {
                f(i * self.bytes + piece * bytes, self.place_of(row as usize, piece), bytes);
            }
        }
    }

    /// Bytes of a row that lie together: a leaf where leaves are apart, or all of it.
    pub(super) fn piece_bytes(&self) -> usize {
        if self.is_scattered() { self.bytes / self.dim } else { self.bytes }
    }

    /// Where such a piece of a row begins in the storage.
    pub(super) fn place_of(&self, row: usize, piece: usize) -> usize {
        (piece * self.set.rows() + row) * self.piece_bytes()
    }

    /// A buffer for so many rows, all zeros: what [`settle`](Self::settle) takes.
    ///
    /// # Errors
    /// Not enough memory.
    pub fn buffer_for(&self, rows: usize) -> Result<Buffer> {
        let bytes = rows.checked_mul(self.bytes).ok_or(OutOfMemory { bytes: usize::MAX });
        bytes.and_then(Buffer::zeroed).map_err(|e| Error::OutOfMemory {
            what: format!("dat `{}`", self.name),
            bytes: e.bytes,
        })
    }

    /// Replaces the storage once the set has other rows: `owned` are the packed rows of its elements.
    ///
    /// # Panics
    /// Sizes do not fit.
    ///
    /// # Safety
    /// Hold the home's turn, with no guard alive that looks at the storage; the bytes are rows of the dat's type.
    pub unsafe fn settle(&self, buffer: Buffer, owned: &[u8]) {
        self.mirror.forget();
        self.halo.moved();
        let rows: Vec<u32> = (0..self.set.owned() as u32).collect();
        // SAFETY: the turn is held, nobody has a slice of the old storage.
        unsafe {
            self.buffer.replace(buffer);
            self.unpack(&rows, owned);
        }
    }
}

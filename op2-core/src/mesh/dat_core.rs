//! The storage of a dat, whatever its types: local numbering, one of two layouts, perhaps mirrored in
//! the memory of a device.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, Ordering};

use crate::base::cell::BufferCell;
use crate::base::element::ElementKind;
use crate::base::error::Result;
use crate::base::layout::Layout;
use crate::mesh::access::Access;
use crate::mesh::halo::Halo;
use crate::mesh::mirror::{Mirror, Remote};
use crate::mesh::set::SetCore;

/// What is known of a dat, whatever its types.
pub struct DatCore {
    /// Distinguishes dats.
    pub id: u64,
    /// For messages and reports.
    pub name: String,
    /// The set it lives on.
    pub set: Arc<SetCore>,
    /// The shape of one element.
    pub kind: ElementKind,
    /// Bytes of one element.
    pub bytes: usize,
    /// Leaves of one element.
    pub dim: usize,
    /// How the leaves lie in memory.
    pub layout: Layout,
    pub(super) buffer: BufferCell,
    pub(super) mirror: Mirror,
    /// Which copies of other ranks' rows are valid.
    pub halo: Halo,
    /// Guards alive: -1 one that writes, else how many that read.
    pub(super) guards: AtomicIsize,
    /// Finds NaN or infinity in element number `i` of the storage.
    pub(super) non_finite: fn(&DatCore, usize) -> bool,
    /// Moves rows: `to_old[new]` is where the new row comes from.
    pub(super) permute: fn(&DatCore, &[u32]),
    /// Combines leaves of a copy into the dat's.
    pub(super) combine: fn(&DatCore, Access, *const u8, Range<usize>),
}

impl DatCore {
    /// Where the values are on the host, brought there if a device has changed them.
    ///
    /// # Errors
    /// The device's.
    ///
    /// # Safety
    /// Hold the home's turn, with no guard alive that contradicts `writes`.
    pub unsafe fn on_host(&self, writes: bool) -> Result<*mut u8> {
        // SAFETY: the buffer is this dat's; the rest is the caller's promise.
        unsafe { self.mirror.to_host(writes, self.storage(), self.buffer.len())? };
        if writes {
            self.halo.changed();
        }
        Ok(self.storage())
    }

    /// The copy of the values on a device, made if there is none, and brought up to date.
    ///
    /// # Errors
    /// Those of `make` and the device's.
    ///
    /// # Safety
    /// As [`on_host`](Self::on_host).
    pub unsafe fn on_device<R: Remote>(
        &self,
        writes: bool,
        make: impl FnOnce() -> Result<R>,
    ) -> Result<Arc<R>> {
        if writes {
            self.halo.changed();
        }
        // SAFETY: as above.
        unsafe { self.mirror.to_device(writes, self.storage(), self.buffer.len(), make) }
    }

    /// Has `replace` replace all values on a device; the present ones are not copied.
    ///
    /// # Errors
    /// Those of `make` and `replace`; values that were valid on the host still are.
    ///
    /// # Safety
    /// Hold the home's turn, with no guard alive; where `replace` succeeds, the device holds values of
    /// the dat's type.
    pub unsafe fn replace_on_device<R: Remote>(
        &self,
        make: impl FnOnce() -> Result<R>,
        replace: impl FnOnce(&Arc<R>) -> Result<()>,
    ) -> Result<()> {
        self.halo.changed();
        // SAFETY: the caller's promise.
        unsafe { self.mirror.replace_on_device(make, replace) }
    }

    /// Which copies of the values are valid.
    pub fn mirror(&self) -> &Mirror {
        &self.mirror
    }

    /// Where the values are on the host, once they are there.
    pub(super) fn storage(&self) -> *mut u8 {
        self.buffer.as_mut_ptr()
    }

    /// Whether leaves of one element are apart (structure of arrays with several leaves).
    pub fn is_scattered(&self) -> bool {
        self.layout == Layout::Soa && self.dim > 1
    }

    /// Why a loop cannot use the dat now, if it cannot.
    pub fn blocked(&self, for_writing: bool) -> Option<&'static str> {
        match self.guards.load(Ordering::Acquire) {
            0 => None,
            -1 => Some("a guard from `write()` is alive: drop it before the loop"),
            _ if for_writing => Some("a guard from `read()` is alive: drop it before the loop"),
            _ => None,
        }
    }

    /// Whether any number of one element is a NaN or an infinity.
    ///
    /// # Safety
    /// Hold the home's turn; `element` is less than the set's size.
    pub unsafe fn has_non_finite(&self, element: usize) -> bool {
        (self.non_finite)(self, element)
    }

    /// Moves every row to its place in a new numbering.
    ///
    /// # Safety
    /// Hold the home's turn, with no guard alive and the values on the host; `to_old` is a permutation of the set.
    pub unsafe fn permute(&self, to_old: &[u32]) {
        (self.permute)(self, to_old);
    }

    /// Combines a range of leaves of a copy of the whole storage into the dat's own.
    ///
    /// # Safety
    /// Hold the home's turn; `copy` has the shape of the dat's storage; nobody else touches these
    /// leaves.
    pub unsafe fn combine_leaves(&self, access: Access, copy: *const u8, leaves: Range<usize>) {
        (self.combine)(self, access, copy, leaves);
    }
}

impl fmt::Debug for DatCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dat `{}`: {} on {:?}", self.name, self.kind, self.set)
    }
}

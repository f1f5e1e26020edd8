//! Long arrays of 32-bit numbers, in memory as that of dats: in huge pages.

use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::base::buffer::{Buffer, OutOfMemory};

/// A fixed number of `u32`, owned. Derefs to a slice.
pub struct Words {
    buffer: Buffer,
}

impl Words {
    /// `len` zeros.
    ///
    /// # Errors
    /// Not enough memory.
    pub fn zeroed(len: usize) -> Result<Self, OutOfMemory> {
        Ok(Self { buffer: Buffer::zeroed(len * size_of::<u32>())? })
    }
}

impl Deref for Words {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        // SAFETY: any bytes are numbers, and writing takes `&mut self`: the buffer is private.
        unsafe { self.buffer.as_slice() }
    }
}

impl DerefMut for Words {
    fn deref_mut(&mut self) -> &mut [u32] {
        self.buffer.typed_mut()
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// Asks that a vector's memory be huge pages, as that of dats is; best before it is touched. Only
/// speed depends on it: fewer faults while filling, no gaps in what the processor loads ahead.
#[cfg(target_os = "linux")]
pub(super) fn prefer_huge_pages(vector: &Vec<u32>) {
    const PAGE: usize = 4096;
    const WORTH_IT: usize = 4 << 20;
    let bytes = vector.capacity() * size_of::<u32>();
    let skipped = vector.as_ptr().addr().next_multiple_of(PAGE) - vector.as_ptr().addr();
    if bytes < WORTH_IT {
        return;
    }
    let start = vector.as_ptr().wrapping_byte_add(skipped).cast_mut();
    // SAFETY: the range starts on a page and lies in the vector's memory (longer than one page);
    // the advice does not change its content. A refusal costs speed only, so the result is ignored.
    unsafe { libc::madvise(start.cast(), bytes - skipped, libc::MADV_HUGEPAGE) };
}

#[cfg(not(target_os = "linux"))]
pub(super) fn prefer_huge_pages(_vector: &Vec<u32>) {}

impl PartialEq for Words {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Words {}

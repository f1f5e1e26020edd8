//! Long arrays of 32-bit numbers, in memory as that of dats: aligned, in huge pages.

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

impl PartialEq for Words {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Words {}

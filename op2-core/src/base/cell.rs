//! A buffer that can be replaced by one of another size.

use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::base::buffer::Buffer;

/// Storage whose address and size change when rows move between ranks, and only then.
#[derive(Debug)]
pub struct BufferCell {
    start: AtomicPtr<u8>,
    bytes: AtomicUsize,
    buffer: Mutex<Buffer>,
}

impl BufferCell {
    /// Storage that is `buffer` at first.
    pub fn new(buffer: Buffer) -> Self {
        Self {
            start: AtomicPtr::new(buffer.as_mut_ptr()),
            bytes: AtomicUsize::new(buffer.len()),
            buffer: Mutex::new(buffer),
        }
    }

    /// The address of the first byte, as [`Buffer::as_mut_ptr`] gives it.
    pub fn as_mut_ptr(&self) -> *mut u8 {
        self.start.load(Ordering::Acquire)
    }

    /// The number of bytes.
    pub fn len(&self) -> usize {
        self.bytes.load(Ordering::Acquire)
    }

    /// Whether there are no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Puts another buffer in place of the present one, which is freed.
    ///
    /// # Safety
    /// Nobody uses the present address any more, and nobody asks for address or size meanwhile.
    pub unsafe fn replace(&self, buffer: Buffer) {
        let mut present = self.buffer.lock().unwrap_or_else(PoisonError::into_inner);
        self.start.store(buffer.as_mut_ptr(), Ordering::Release);
        self.bytes.store(buffer.len(), Ordering::Release);
        *present = buffer;
    }
}

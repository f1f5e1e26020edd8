//! A device in the memory of the host, which finds mistakes that a real one would turn into wrong
//! answers: values that were not brought where they are read, tables that are not what the host has,
//! work-items that change one row at once.
//!
//! It runs the Rust code of a loop, one element at a time, on memory of its own. Whatever is not valid
//! there has all bits set, which for floating-point numbers is a NaN that no computation makes.
//! Products of matrices with vectors are computed and looked at in the same way (`product`).

mod halo;
pub(super) mod product;
pub mod run;
mod tables;
mod values;

use std::any::Any;
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::base::buffer::Buffer;
use crate::base::layout::Layout;
use crate::base::poison::POISON;
use crate::base::room::MemoryKind;
use crate::device::api::{Addressed, Atomics, Device, Facts, Fault, Memory, Runner};
use crate::kernel::source::Dialect;

/// A device in the memory of the host.
#[derive(Debug)]
pub struct Memcheck {
    facts: Facts,
}

impl Memcheck {
    /// The device. Dats lie there as on GPUs, and groups are small, so that small meshes have many.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self {
            facts: Facts {
                name: "memcheck".to_owned(),
                dialect: Dialect::OpenClC,
                doubles: true,
                atomics: Atomics { swap_64: true, native_add: false },
                local_bytes: 32 << 10,
                max_group: 64,
                usual_group: 64,
                memory_bytes: u64::MAX,
                layout: Layout::Soa,
            },
        }
    }
}

/// Memory of this device. Whoever copies holds the lock; loops have their context's turn, and nobody else
/// has their memory.
struct HostMemory {
    buffer: Buffer,
    copying: Mutex<()>,
}

impl Memory for HostMemory {
    fn bytes(&self) -> usize {
        self.buffer.len()
    }
}

/// Where memory of this device is.
///
/// # Panics
/// It is of another device.
pub fn address(memory: &dyn Memory) -> *mut u8 {
    own(memory).buffer.as_mut_ptr()
}

fn own(memory: &dyn Memory) -> &HostMemory {
    let memory: &dyn Any = memory;
    memory.downcast_ref().expect("memory of this device")
}

fn copying(memory: &dyn Memory) -> MutexGuard<'_, ()> {
    own(memory).copying.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Device for Memcheck {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn allocate(&self, bytes: usize) -> Result<Box<dyn Memory>, Fault> {
        let buffer = Buffer::zeroed(bytes).map_err(|_| Fault::OutOfMemory { bytes })?;
        let memory = Box::new(HostMemory { buffer, copying: Mutex::default() });
        self.forget(&*memory);
        Ok(memory)
    }

    fn upload(&self, memory: &dyn Memory, offset: usize, bytes: &[u8]) -> Result<(), Fault> {
        assert!(offset + bytes.len() <= memory.bytes(), "the bytes fit");
        let _copying = copying(memory);
        // SAFETY: just checked; nobody else copies.
        unsafe {
            address(memory).add(offset).copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        }
        Ok(())
    }

    fn download(&self, memory: &dyn Memory, offset: usize, into: &mut [u8]) -> Result<(), Fault> {
        assert!(offset + into.len() <= memory.bytes(), "the bytes are there");
        let _copying = copying(memory);
        // SAFETY: just checked; nobody else copies.
        unsafe {
            into.as_mut_ptr().copy_from_nonoverlapping(address(memory).add(offset), into.len());
        }
        Ok(())
    }

    fn clear(&self, memory: &dyn Memory) -> Result<(), Fault> {
        let _copying = copying(memory);
        // SAFETY: the whole buffer; nobody else copies.
        unsafe { address(memory).write_bytes(0, memory.bytes()) };
        Ok(())
    }

    fn copy(&self, from: &dyn Memory, to: &dyn Memory, bytes: usize) -> Result<(), Fault> {
        let mut between = vec![0; bytes];
        self.download(from, 0, &mut between)?;
        self.upload(to, 0, &between)
    }

    fn finish(&self) -> Result<(), Fault> {
        Ok(())
    }

    fn forget(&self, memory: &dyn Memory) {
        let _copying = copying(memory);
        // SAFETY: the whole buffer; nobody else copies.
        unsafe { address(memory).write_bytes(POISON, memory.bytes()) };
    }

    fn addressed(&self) -> Option<&dyn Addressed> {
        Some(self)
    }

    fn runner(&self) -> Runner<'_> {
        Runner::Memcheck
    }
}

// SAFETY: the memory is a `Buffer`, which never moves and is aligned to more than that.
unsafe impl Addressed for Memcheck {
    fn kind(&self) -> MemoryKind {
        MemoryKind::Host
    }

    fn address(&self, memory: &dyn Memory) -> NonNull<u8> {
        NonNull::new(address(memory)).expect("a buffer is somewhere")
    }

    fn enter(&self) -> Result<(), Fault> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::element::{ElementKind, ScalarKind};
    use crate::base::poison::is_poisoned;

    #[test]
    fn what_was_not_brought_is_poisoned() {
        let device = Memcheck::new();
        let memory = device.allocate(16).unwrap();
        device.upload(&*memory, 8, &1.0_f64.to_ne_bytes()).unwrap();
        let mut bytes = [0; 16];
        device.download(&*memory, 0, &mut bytes).unwrap();
        let kind = ElementKind::Scalar(ScalarKind::F64);
        assert!(is_poisoned(&kind, 0, &|i| bytes[i]));
        assert!(!is_poisoned(&kind, 8, &|i| bytes[i]));
        let pair = ElementKind::Array { of: &ElementKind::Scalar(ScalarKind::F64), len: 2 };
        assert!(is_poisoned(&pair, 0, &|i| bytes[i]));
        device.clear(&*memory).unwrap();
        device.download(&*memory, 0, &mut bytes).unwrap();
        assert!(!is_poisoned(&pair, 0, &|i| bytes[i]));
    }
}

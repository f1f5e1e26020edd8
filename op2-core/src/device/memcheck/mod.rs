//! A device in the memory of the host, which finds mistakes that a real one would turn into wrong
//! answers: values that were not brought where they are read, tables that are not what the host has,
//! work-items that change one row at once.
//!
//! It runs the Rust code of a loop, one element at a time, on memory of its own. Whatever is not valid
//! there has all bits set, which for floating-point numbers is a NaN that no computation makes.
//! Products of matrices with vectors are computed and looked at in the same way (`product`).

pub(super) mod product;
pub mod run;
mod tables;
mod values;

use std::any::Any;

use crate::base::buffer::Buffer;
use crate::base::layout::Layout;
use crate::device::api::{Atomics, Device, Facts, Fault, Memory, Runner};
use crate::kernel::source::Dialect;

/// The byte of memory that is not valid.
pub(super) const POISON: u8 = 0xff;

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

/// Memory of this device.
struct HostMemory(Buffer);

impl Memory for HostMemory {
    fn bytes(&self) -> usize {
        self.0.len()
    }
}

/// Where memory of this device is.
///
/// # Panics
/// It is of another device.
pub fn address(memory: &dyn Memory) -> *mut u8 {
    buffer(memory).as_mut_ptr()
}

fn buffer(memory: &dyn Memory) -> &Buffer {
    let memory: &dyn Any = memory;
    &memory.downcast_ref::<HostMemory>().expect("memory of this device").0
}

impl Device for Memcheck {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn allocate(&self, bytes: usize) -> Result<Box<dyn Memory>, Fault> {
        let buffer = Buffer::zeroed(bytes).map_err(|_| Fault::OutOfMemory { bytes })?;
        let memory = Box::new(HostMemory(buffer));
        self.forget(&*memory);
        Ok(memory)
    }

    fn upload(&self, memory: &dyn Memory, offset: usize, bytes: &[u8]) -> Result<(), Fault> {
        assert!(offset + bytes.len() <= memory.bytes(), "the bytes fit");
        // SAFETY: just checked; a context's loops and copies have its turn.
        unsafe {
            address(memory).add(offset).copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        }
        Ok(())
    }

    fn download(&self, memory: &dyn Memory, offset: usize, into: &mut [u8]) -> Result<(), Fault> {
        assert!(offset + into.len() <= memory.bytes(), "the bytes are there");
        // SAFETY: just checked; a context's loops and copies have its turn.
        unsafe {
            into.as_mut_ptr().copy_from_nonoverlapping(address(memory).add(offset), into.len());
        }
        Ok(())
    }

    fn clear(&self, memory: &dyn Memory) -> Result<(), Fault> {
        // SAFETY: the whole buffer, in the context's turn.
        unsafe { address(memory).write_bytes(0, memory.bytes()) };
        Ok(())
    }

    fn copy(&self, from: &dyn Memory, to: &dyn Memory, bytes: usize) -> Result<(), Fault> {
        assert!(bytes <= from.bytes().min(to.bytes()), "the bytes are there, and fit");
        // SAFETY: just checked; in the context's turn.
        unsafe { address(from).copy_to(address(to), bytes) };
        Ok(())
    }

    fn finish(&self) -> Result<(), Fault> {
        Ok(())
    }

    fn forget(&self, memory: &dyn Memory) {
        // SAFETY: the whole buffer, in the context's turn.
        unsafe { address(memory).write_bytes(POISON, memory.bytes()) };
    }

    fn runner(&self) -> Runner<'_> {
        Runner::Memcheck
    }
}

#[cfg(test)]
mod tests {
    use super::values::is_poisoned;
    use super::*;
    use crate::base::element::{ElementKind, ScalarKind};

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

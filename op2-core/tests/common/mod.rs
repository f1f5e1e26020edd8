//! A device on which things go wrong, otherwise as the one that finds mistakes.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use op2_core::device::api::{Device, Facts, Fault, Memory, Runner};
use op2_core::device::memcheck::Memcheck;

/// What goes wrong on a device. What it happens to is told by its size.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// Of an upload of so many bytes, these do not arrive.
    Lost(usize, Range<usize>),
    /// The last bit of an upload of so many bytes changes on the way.
    Changed(usize),
    /// There is no memory of so many bytes.
    Full(usize),
    /// An upload of so many bytes fails.
    NoUpload(usize),
    /// A download of so many bytes fails.
    NoDownload(usize),
}

/// A device that has trouble as long as there is some.
pub(crate) struct Troubled {
    device: Memcheck,
    facts: Facts,
    trouble: Arc<Mutex<Option<Trouble>>>,
}

/// What such a device says that it has, in bytes.
const MEMORY: u64 = 5000;

impl Troubled {
    pub(crate) fn new(trouble: &Arc<Mutex<Option<Trouble>>>) -> Self {
        let device = Memcheck::new();
        let facts = Facts { memory_bytes: MEMORY, ..device.facts().clone() };
        Self { device, facts, trouble: trouble.clone() }
    }

    fn trouble(&self) -> Option<Trouble> {
        self.trouble.lock().unwrap().clone()
    }
}

impl Device for Troubled {
    fn facts(&self) -> &Facts {
        &self.facts
    }
    fn allocate(&self, bytes: usize) -> Result<Box<dyn Memory>, Fault> {
        match self.trouble() {
            Some(Trouble::Full(size)) if size == bytes => Err(Fault::OutOfMemory { bytes }),
            _ => self.device.allocate(bytes),
        }
    }
    fn upload(&self, memory: &dyn Memory, offset: usize, bytes: &[u8]) -> Result<(), Fault> {
        match self.trouble() {
            Some(Trouble::Lost(size, lost)) if size == bytes.len() => {
                self.device.upload(memory, offset, &bytes[..lost.start])?;
                self.device.upload(memory, offset + lost.end, &bytes[lost.end..])
            }
            Some(Trouble::Changed(size)) if size == bytes.len() => {
                let mut bytes = bytes.to_vec();
                bytes[size - 1] ^= 1;
                self.device.upload(memory, offset, &bytes)
            }
            Some(Trouble::NoUpload(size)) if size == bytes.len() => {
                Err(Fault::Driver("the line is dead".to_owned()))
            }
            _ => self.device.upload(memory, offset, bytes),
        }
    }
    fn download(&self, memory: &dyn Memory, offset: usize, into: &mut [u8]) -> Result<(), Fault> {
        match self.trouble() {
            Some(Trouble::NoDownload(size)) if size == into.len() => {
                Err(Fault::Driver("the line is dead".to_owned()))
            }
            _ => self.device.download(memory, offset, into),
        }
    }
    fn clear(&self, memory: &dyn Memory) -> Result<(), Fault> {
        self.device.clear(memory)
    }
    fn copy(&self, from: &dyn Memory, to: &dyn Memory, bytes: usize) -> Result<(), Fault> {
        self.device.copy(from, to, bytes)
    }
    fn finish(&self) -> Result<(), Fault> {
        self.device.finish()
    }
    fn forget(&self, memory: &dyn Memory) {
        self.device.forget(memory);
    }
    fn runner(&self) -> Runner<'_> {
        self.device.runner()
    }
}

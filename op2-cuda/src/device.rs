//! A GPU as a device of op2.

use std::ptr::{self, NonNull};
use std::sync::Arc;

use op2_core::base::layout::Layout;
use op2_core::base::room::MemoryKind;
use op2_core::device::api::{
    Addressed, Atomics, Compiler, Device, Event, Facts, Fault, LastStarted, Launch,
    Memory as DeviceMemory, Options, Program as DeviceProgram, Runner, Source,
};
use op2_core::kernel::source::Dialect;

use crate::cache::Store;
use crate::choose::choose;
use crate::compile::Programs;
use crate::driver::{Address, Card, Driver, Failure};
use crate::memory::Memory;
use crate::pinned::Staging;
use crate::{fault, launch};

/// A GPU that was opened.
pub(crate) struct Cuda<D: Driver> {
    facts: Facts,
    staging: Staging<D>,
    programs: Programs,
    driver: Arc<D>,
    last: LastStarted,
}

/// Opens the GPU that the options choose.
pub(crate) fn open<D: Driver>(options: &Options) -> op2_core::base::error::Result<Cuda<D>> {
    if !D::present() {
        return Err(fault::no_driver());
    }
    let cards = D::cards().map_err(|failure| fault::not_opened(&failure))?;
    let chosen = choose(&cards, options.device.as_deref());
    let chosen = chosen.map_err(|reason| fault::settings(&reason))?;
    let driver = Arc::new(D::open(chosen).map_err(|failure| fault::not_opened(&failure))?);
    let card = &cards[chosen];
    let store = Store::new(options.shipped.clone(), options.cache.clone());
    Ok(Cuda {
        facts: facts(card),
        staging: Staging::new(&driver),
        programs: Programs::new(store, card.arch, options.contract),
        driver,
        last: LastStarted::default(),
    })
}

fn facts(card: &Card) -> Facts {
    Facts {
        name: card.name.clone(),
        dialect: Dialect::CudaC,
        doubles: true,
        atomics: Atomics { swap_64: true, native_add: card.arch >= 60 },
        local_bytes: card.local_bytes,
        max_group: card.max_group,
        usual_group: 128,
        memory_bytes: card.memory_bytes,
        layout: Layout::Soa,
    }
}

impl<D: Driver> Cuda<D> {
    fn memory<'a>(&self, memory: &'a dyn DeviceMemory) -> &'a Memory<D> {
        Memory::of(memory, &self.driver)
    }

    fn faulty<T>(&self, result: Result<T, Failure>) -> Result<T, Fault> {
        result.map_err(|failure| fault::fault(&failure, &self.last))
    }
}

impl<D: Driver> Device for Cuda<D> {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn allocate(&self, bytes: usize) -> Result<Box<dyn DeviceMemory>, Fault> {
        Ok(Box::new(Memory::new(&self.driver, bytes, &self.last)?))
    }

    fn upload(&self, memory: &dyn DeviceMemory, offset: usize, bytes: &[u8]) -> Result<(), Fault> {
        let to = self.memory(memory).part(offset, bytes.len());
        // SAFETY: the part is inside the memory, which waits for copies before it goes.
        self.faulty(unsafe { self.staging.upload(to, bytes) })
    }

    fn download(
        &self,
        memory: &dyn DeviceMemory,
        offset: usize,
        into: &mut [u8],
    ) -> Result<(), Fault> {
        let from = self.memory(memory).part(offset, into.len());
        // SAFETY: the part is inside the memory.
        self.faulty(unsafe { self.staging.download(from, into) })
    }

    fn clear(&self, memory: &dyn DeviceMemory) -> Result<(), Fault> {
        let bytes = memory.bytes();
        let to = self.memory(memory).address();
        if bytes == 0 {
            return Ok(());
        }
        // SAFETY: all of the memory, which waits for this before it goes.
        self.faulty(unsafe { self.driver.clear(to, bytes) })
    }

    fn copy(
        &self,
        from: &dyn DeviceMemory,
        to: &dyn DeviceMemory,
        bytes: usize,
    ) -> Result<(), Fault> {
        let (from, to) = (self.memory(from).part(0, bytes), self.memory(to).part(0, bytes));
        if bytes == 0 {
            return Ok(());
        }
        // SAFETY: both parts are inside their memories, which wait for this before they go.
        self.faulty(unsafe { self.driver.copy(from, to, bytes) })
    }

    fn finish(&self) -> Result<(), Fault> {
        self.faulty(self.driver.finish())
    }

    fn addressed(&self) -> Option<&dyn Addressed> {
        Some(self)
    }

    fn runner(&self) -> Runner<'_> {
        Runner::Compiler(self)
    }
}

// SAFETY: addresses are the driver's, aligned to 256 bytes, until the memory is dropped.
unsafe impl<D: Driver> Addressed for Cuda<D> {
    fn kind(&self) -> MemoryKind {
        MemoryKind::Cuda
    }

    fn address(&self, memory: &dyn DeviceMemory) -> NonNull<u8> {
        let Address(address) = self.memory(memory).address();
        let address = ptr::without_provenance_mut(address as usize);
        NonNull::new(address).expect("memory with bytes is somewhere")
    }

    fn enter(&self) -> Result<(), Fault> {
        self.faulty(self.driver.enter())
    }
}

impl<D: Driver> Compiler for Cuda<D> {
    fn compile(&self, source: &Source<'_>) -> Result<Box<dyn DeviceProgram>, Fault> {
        Ok(Box::new(self.programs.get(&self.driver, source, &self.last)?))
    }

    fn best_group(&self, program: &dyn DeviceProgram, usual: usize, most: usize) -> usize {
        launch::best_group(&self.driver, program, usual, most)
    }

    unsafe fn launch(
        &self,
        program: &dyn DeviceProgram,
        how: &Launch<'_>,
    ) -> Result<Option<Box<dyn Event>>, Fault> {
        // SAFETY: our caller's promise.
        unsafe { launch::launch(&self.driver, program, how, &self.last) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_follow_from_the_card() {
        let card = Card {
            name: "NVIDIA A100".to_owned(),
            arch: 80,
            memory_bytes: 40 << 30,
            local_bytes: 48 << 10,
            max_group: 1024,
            prohibited: false,
        };
        let newer = facts(&card);
        assert!(newer.atomics.native_add && newer.doubles);
        assert_eq!((newer.memory_bytes, newer.local_bytes), (40 << 30, 48 << 10));
        assert_eq!((newer.usual_group, newer.max_group), (128, 1024));
        assert!(!facts(&Card { arch: 52, ..card }).atomics.native_add);
    }
}

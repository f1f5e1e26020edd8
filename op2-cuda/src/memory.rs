//! Memory of a GPU.

use std::any::Any;
use std::sync::Arc;

use op2_core::device::api::{self, Fault, LastStarted};

use crate::driver::{Address, Driver};
use crate::fault;

/// Bytes on a GPU. Without any there is no allocation, and no address.
pub(crate) struct Memory<D: Driver> {
    driver: Arc<D>,
    address: Address,
    bytes: usize,
}

impl<D: Driver> Memory<D> {
    pub(crate) fn new(driver: &Arc<D>, bytes: usize, last: &LastStarted) -> Result<Self, Fault> {
        let address = match bytes {
            0 => Ok(Address(0)),
            _ => driver.allocate(bytes),
        };
        let address = address.map_err(|failure| fault::not_allocated(&failure, bytes, last))?;
        Ok(Self { driver: Arc::clone(driver), address, bytes })
    }

    /// The memory behind the trait.
    ///
    /// # Panics
    /// It is that of another GPU: whoever mixes those up has a bug.
    pub(crate) fn of<'a>(memory: &'a dyn api::Memory, driver: &Arc<D>) -> &'a Self {
        let memory: &dyn Any = memory;
        let own = memory.downcast_ref::<Self>().filter(|own| Arc::ptr_eq(&own.driver, driver));
        own.expect("memory is used on the device that made it")
    }

    /// The address of a part.
    ///
    /// # Panics
    /// The part is not inside.
    pub(crate) fn part(&self, offset: usize, bytes: usize) -> Address {
        let end = offset.checked_add(bytes);
        assert!(
            end.is_some_and(|end| end <= self.bytes),
            "bytes {offset}.. ({bytes} of them) of memory that has {}",
            self.bytes
        );
        self.address.after(offset)
    }

    pub(crate) fn address(&self) -> Address {
        self.address
    }
}

impl<D: Driver> api::Memory for Memory<D> {
    fn bytes(&self) -> usize {
        self.bytes
    }
}

impl<D: Driver> Drop for Memory<D> {
    fn drop(&mut self) {
        if self.bytes == 0 {
            return;
        }
        // Loops that use it may be under way. Where waiting fails, a loop has failed: then nothing runs any more.
        self.driver.finish().ok();
        // SAFETY: allocated by `new`; nothing uses it, as all that was asked is done.
        unsafe { self.driver.free(self.address) };
    }
}

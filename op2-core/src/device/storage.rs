//! Memory of a device that holds what the host has: values, and tables of numbers.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::error::{Error, Result};
use crate::base::layout::Layout;
use crate::device::api::{Device, Fault, Memory};
use crate::device::shape::Shape;
use crate::device::transfers::Counters;
use crate::mesh::mirror::Remote;

/// Who allocates, and remembers for whom.
#[derive(Clone)]
pub(super) struct Store {
    pub(super) device: Arc<dyn Device>,
    pub(super) counters: Arc<Counters>,
    /// What dats and matrices take there: name and bytes.
    users: Arc<Mutex<Vec<(u64, String, usize)>>>,
}

/// So many users are named in a message, those with most memory.
const NAMED: usize = 8;

impl Store {
    pub(super) fn new(device: Arc<dyn Device>) -> Self {
        Self { device, counters: Arc::default(), users: Arc::default() }
    }

    /// New memory for something.
    pub(super) fn allocate(&self, what: &str, bytes: usize) -> Result<Box<dyn Memory>> {
        self.device.allocate(bytes).map_err(|fault| self.failed(what, fault))
    }

    /// Memory with these numbers.
    pub(super) fn words<T: bytemuck::NoUninit>(&self, what: &str, words: &[T]) -> Result<Array> {
        let memory = self.allocate(what, size_of_val(words))?;
        let bytes = bytemuck::cast_slice(words);
        self.device.upload(&*memory, 0, bytes).map_err(|fault| self.failed(what, fault))?;
        Ok(Array { memory, stride: words.len() })
    }

    /// A table `[rows, columns]`, or with `turned` its columns one after the other.
    pub(super) fn table(
        &self,
        what: &str,
        table: &[u32],
        columns: usize,
        turned: bool,
    ) -> Result<Array> {
        if !turned || columns == 0 {
            return self.words(what, table);
        }
        let shape = Shape::new(table.len() / columns, columns, size_of::<u32>(), Layout::Soa);
        let turned = shape.pack(bytemuck::cast_slice(table), Layout::Aos);
        let memory = self.allocate(what, shape.bytes())?;
        self.device.upload(&*memory, 0, &turned).map_err(|fault| self.failed(what, fault))?;
        Ok(Array { memory, stride: shape.stride })
    }

    /// A place for the values of a dat or matrix.
    pub(super) fn values(&self, what: String, shape: Shape, host: Layout) -> Result<Values> {
        // Atomics on single bytes change whole words.
        let memory = self.allocate(&what, shape.bytes().next_multiple_of(8))?;
        let id = crate::mesh::home::fresh_id();
        self.users().push((id, what.clone(), shape.bytes()));
        Ok(Values { store: self.clone(), id, what, memory, shape, host })
    }

    /// The error for what a device could not do.
    pub(super) fn failed(&self, what: &str, fault: Fault) -> Error {
        let device = self.device.facts().name.clone();
        match fault {
            Fault::OutOfMemory { bytes } => {
                Error::OutOfMemory { what: format!("{what} on {device} ({})", self.usage()), bytes }
            }
            other => Error::Device { what: what.to_owned(), device, reason: other.to_string() },
        }
    }

    /// Who takes how much.
    fn usage(&self) -> String {
        let mut users = self.users().clone();
        users.sort_by_key(|(_, _, bytes)| std::cmp::Reverse(*bytes));
        let total: usize = users.iter().map(|(_, _, bytes)| bytes).sum();
        let all = self.device.facts().memory_bytes;
        let mut text = format!("{total} of its {all} bytes are taken");
        for (i, (_, name, bytes)) in users.iter().take(NAMED).enumerate() {
            let lead = if i == 0 { ": " } else { ", " };
            let _ = write!(text, "{lead}{bytes} by {name}");
        }
        if users.len() > NAMED {
            let _ = write!(text, " and the rest by {} more", users.len() - NAMED);
        }
        text
    }

    fn users(&self) -> std::sync::MutexGuard<'_, Vec<(u64, String, usize)>> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Numbers that do not change.
pub(super) struct Array {
    pub(super) memory: Box<dyn Memory>,
    /// From one column to the next, in numbers.
    pub(super) stride: usize,
}

/// The values of a dat or matrix on the device.
pub(super) struct Values {
    store: Store,
    id: u64,
    /// As messages call it.
    pub(super) what: String,
    pub(super) memory: Box<dyn Memory>,
    pub(super) shape: Shape,
    /// How they lie on the host.
    host: Layout,
}

impl Remote for Values {
    fn send(&self, host: &[u8]) -> Result<()> {
        let Store { device, counters, .. } = &self.store;
        let bytes: Cow<'_, [u8]> = self.shape.pack(host, self.host);
        let sent = device.upload(&*self.memory, 0, &bytes);
        sent.map_err(|fault| self.store.failed(&format!("copying {}", self.what), fault))?;
        counters.sent(host.len());
        Ok(())
    }

    fn fetch(&self, host: &mut [u8]) -> Result<()> {
        let Store { device, counters, .. } = &self.store;
        let fetched = if self.shape.is_as(self.host) {
            device.download(&*self.memory, 0, host)
        } else {
            let mut bytes = vec![0; self.shape.bytes()];
            let fetched = device.download(&*self.memory, 0, &mut bytes);
            self.shape.unpack(&bytes, host, self.host);
            fetched
        };
        fetched.map_err(|fault| self.store.failed(&format!("copying {}", self.what), fault))?;
        counters.fetched(host.len());
        Ok(())
    }

    fn went_stale(&self) {
        self.store.device.forget(&*self.memory);
    }
}

impl Drop for Values {
    fn drop(&mut self) {
        self.store.users().retain(|(id, ..)| *id != self.id);
    }
}

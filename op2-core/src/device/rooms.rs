//! Memory of a device where all messages of an exchange lie one after the other: a room for those to send, and
//! one for those that arrive. Those who talk by addresses send straight out of it, and receive into it.

use std::collections::HashMap;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex};

use crate::base::comm::{Comm, in_room};
use crate::base::error::{Error, Result};
use crate::base::room::{MemoryKind, Room};
use crate::device::accelerator::Accelerator;
use crate::device::api::{Addressed, Device, Memory};
use crate::device::storage::Array;
use crate::dist::exchange::{Messages, Side};

/// Memory for rows has a multiple of so many bytes.
const WHOLE: usize = 8;

/// Memory of the device for all messages of an exchange: those to send, and those that arrive.
pub(crate) struct Rooms {
    pub(super) memory: [Arc<dyn Memory>; 2],
    pub(super) bytes: [usize; 2],
    /// Where the rows of an item are, in words of so many bytes.
    pub(super) places: Mutex<HashMap<(Side, usize, usize), Arc<Array>>>,
    device: Arc<dyn Device>,
}

impl Rooms {
    /// Bytes of all messages that arrive.
    pub(crate) fn bytes_to_receive(&self) -> usize {
        self.bytes[1]
    }

    /// The same for whoever sends and receives messages by addresses.
    ///
    /// # Panics
    /// The device does not share its memory.
    pub(crate) fn shared(&self) -> [Arc<dyn Room>; 2] {
        self.memory.each_ref().map(|memory| -> Arc<dyn Room> {
            Arc::new(SharedRoom { memory: memory.clone(), device: self.device.clone() })
        })
    }
}

/// A room with an address.
struct SharedRoom {
    memory: Arc<dyn Memory>,
    device: Arc<dyn Device>,
}

impl SharedRoom {
    fn shared(&self) -> &dyn Addressed {
        self.device.addressed().expect("a device that shares its memory")
    }
}

// SAFETY: so promises the device; the memory lives as long as this. Here alone it is known besides, and what uses
// it is only called while no message is under way.
unsafe impl Room for SharedRoom {
    fn kind(&self) -> MemoryKind {
        self.shared().kind()
    }

    fn address(&self) -> NonNull<u8> {
        self.shared().address(&*self.memory)
    }

    fn bytes(&self) -> usize {
        self.memory.bytes()
    }

    fn enter(&self) -> Result<()> {
        self.shared().enter().map_err(|fault| Error::Device {
            what: "messages of halo values".to_owned(),
            device: self.device.facts().name.clone(),
            reason: fault.to_string(),
        })
    }
}

impl Accelerator {
    /// Whether messages of these ranks can go straight out of this device's memory and into it, by what the
    /// ranks and the settings say.
    ///
    /// # Errors
    /// The settings ask for what cannot be.
    pub(crate) fn sends_itself(&self, comm: &dyn Comm) -> Result<bool> {
        let reached =
            self.device().addressed().map_or(Some(false), |device| comm.reaches(device.kind()));
        match (self.settings.direct_messages, reached) {
            (Some(true), Some(false)) => Err(Error::Settings(format!(
                "messages cannot go straight out of the memory of {}: these ranks do not reach it",
                self.facts().name
            ))),
            (Some(wish), _) => Ok(wish),
            (None, reached) => Ok(reached == Some(true)),
        }
    }

    /// Memory for the messages of an exchange.
    ///
    /// # Errors
    /// The device's.
    pub(crate) fn rooms(&self, messages: &Messages) -> Result<Rooms> {
        let bytes = [Side::Send, Side::Receive]
            .map(|side| in_room(messages.lanes(side)).last().map_or(0, |range| range.end));
        let [out, into] = bytes.map(|bytes| self.room(bytes));
        let device = self.device().clone();
        Ok(Rooms { memory: [out?, into?], bytes, places: Mutex::default(), device })
    }

    pub(super) fn room(&self, bytes: usize) -> Result<Arc<dyn Memory>> {
        let bytes = bytes.next_multiple_of(WHOLE).max(WHOLE);
        Ok(self.store.allocate("halo values", bytes)?.into())
    }

    /// Waits until all is done that was asked of the device, so that others may touch its memory.
    ///
    /// # Errors
    /// The device's.
    pub(crate) fn hand_over(&self) -> Result<()> {
        let finished = self.device().finish();
        finished.map_err(|fault| self.store.failed("messages of halo values", fault))
    }
}

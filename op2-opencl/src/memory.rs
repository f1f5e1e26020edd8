//! Memory of a device.
//!
//! `OpenCL` has no empty buffers, and fills memory fastest in pieces of 16 bytes: so there are always some bytes
//! more than were asked for, which nobody sees.

use std::any::Any;

use ocl::core::{self, Context, Mem, MemFlags};
use op2_core::device::api::{Fault, Memory};

use crate::driver::Owned;
use crate::fault::Code;

/// Bytes that are filled at a time.
pub(crate) const PIECE: usize = 16;

/// Memory, and what was asked for.
#[derive(Debug)]
pub(crate) struct Buffer {
    mem: Owned<Mem>,
    bytes: usize,
    /// The address of its context, which the memory keeps alive: no other one has it meanwhile.
    context: usize,
}

impl Buffer {
    /// Memory, of `most` bytes at most.
    pub(crate) fn new(context: &Context, bytes: usize, most: u64) -> Result<Self, Fault> {
        let no_room = Fault::OutOfMemory { bytes };
        let Some(whole) = bytes.max(1).checked_next_multiple_of(PIECE) else { return Err(no_room) };
        if bytes as u64 > most {
            return Err(no_room);
        }
        // SAFETY: no memory of the host is involved.
        let made =
            unsafe { core::create_buffer::<_, u8>(context, MemFlags::READ_WRITE, whole, None) };
        match made.map_err(Code::from) {
            Ok(mem) => Ok(Self { mem: Owned::new(mem), bytes, context: context.as_ptr().addr() }),
            Err(code) if code.is_no_room_for_new() => Err(no_room),
            Err(code) => Err(code.fault(&format!("making room for {bytes} bytes"))),
        }
    }

    /// Memory of this context.
    pub(crate) fn of<'a>(memory: &'a dyn Memory, context: &Context) -> Result<&'a Self, Fault> {
        let buffer = (memory as &dyn Any).downcast_ref::<Self>();
        buffer
            .filter(|buffer| buffer.context == context.as_ptr().addr())
            .ok_or_else(|| Fault::Driver("this memory belongs to another device".to_owned()))
    }

    pub(crate) fn mem(&self) -> &Mem {
        &self.mem
    }

    /// Its bytes with those that nobody sees.
    pub(crate) fn whole(&self) -> usize {
        self.bytes.max(1).next_multiple_of(PIECE)
    }

    /// Panics where bytes do not fit.
    pub(crate) fn expect_room(&self, offset: usize, bytes: usize) {
        let end = offset.checked_add(bytes);
        assert!(
            end.is_some_and(|end| end <= self.bytes),
            "{bytes} bytes from byte {offset} on are not within {} bytes of device memory",
            self.bytes
        );
    }

    /// What a command on this memory says: some drivers look for the room only now.
    pub(crate) fn fault(&self, code: Code, otherwise: impl FnOnce(Code) -> Fault) -> Fault {
        if code.is_no_room() { Fault::OutOfMemory { bytes: self.bytes } } else { otherwise(code) }
    }
}

impl Memory for Buffer {
    fn bytes(&self) -> usize {
        self.bytes
    }
}

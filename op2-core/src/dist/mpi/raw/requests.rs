//! Requests and the memory that they use.

use std::ffi::c_int;
use std::fmt;
use std::mem::take;
use std::ops::Range;
use std::slice;
use std::sync::Arc;

use ::mpi::ffi;

use super::{Others, Ranks, Step, Turn, byte, count, number, turn, waits};
use crate::base::buffer::Buffer;
use crate::base::error::{Error, Result};
use crate::base::room::Room;

/// Several requests that are started and waited for together, with the memory that they use: it is out
/// of reach while they are under way, and outlives them.
#[derive(Debug)]
pub(in super::super) struct Requests {
    list: Vec<ffi::MPI_Request>,
    memory: Vec<Memory>,
    under_way: bool,
}

/// A place, and a part of the memory there.
pub(in super::super) type Piece = (usize, Range<usize>);

/// Memory that never moves.
#[derive(Debug)]
enum Memory {
    /// Nobody else has it.
    Own(Buffer),
    /// Others have it, too; nobody here looks into it.
    Room(Guest),
}

/// A room, which has no more to say of itself.
struct Guest(Arc<dyn Room>);

impl fmt::Debug for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "room of {} bytes", self.0.bytes())
    }
}

impl Memory {
    fn own(&self) -> &Buffer {
        match self {
            Self::Own(buffer) => buffer,
            Self::Room(_) => panic!("rooms are not looked into"),
        }
    }

    fn start(&self) -> *mut u8 {
        match self {
            Self::Own(buffer) => buffer.as_mut_ptr(),
            Self::Room(room) => room.0.address().as_ptr(),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Own(buffer) => buffer.len(),
            Self::Room(room) => room.0.bytes(),
        }
    }
}

// SAFETY: requests and memory have no ties to a thread; who hands them to MPI has the turn.
unsafe impl Send for Requests {}

impl Requests {
    pub(in super::super) fn new() -> Self {
        Self { list: Vec::new(), memory: Vec::new(), under_way: false }
    }

    /// Memory of so many zeros. Gives its place.
    pub(in super::super) fn add_memory(&mut self, bytes: usize) -> Result<usize> {
        let refused = |_| Error::OutOfMemory { what: "messages between ranks".into(), bytes };
        let buffer = Buffer::zeroed_by_caller(bytes).map_err(refused)?;
        self.memory.push(Memory::Own(buffer));
        Ok(self.memory.len() - 1)
    }

    /// Memory that is not ours. Gives its place. MPI knows memory of its kind.
    pub(in super::super) fn add_room(&mut self, room: &Arc<dyn Room>) -> usize {
        self.memory.push(Memory::Room(Guest(Arc::clone(room))));
        self.memory.len() - 1
    }

    /// The bytes at this place, unless messages are under way.
    pub(in super::super) fn memory(&self, place: usize) -> &[u8] {
        assert!(!self.under_way, "messages are under way");
        let memory = self.memory[place].own();
        // SAFETY: MPI does not use it now, and nobody else has it; a `Buffer` is initialized.
        unsafe { slice::from_raw_parts(memory.as_ptr(), memory.len()) }
    }

    /// The same, to change them.
    pub(in super::super) fn memory_mut(&mut self, place: usize) -> &mut [u8] {
        assert!(!self.under_way, "messages are under way");
        let memory = self.memory[place].own();
        // SAFETY: as above, and this is the only borrow.
        unsafe { slice::from_raw_parts_mut(memory.as_mut_ptr(), memory.len()) }
    }

    /// A message to receive in every round, into a range of the memory at a place.
    pub(in super::super) fn add_receive(
        &mut self,
        turn: &mut Turn,
        ranks: &Ranks,
        part: Piece,
        from: usize,
        tag: i32,
    ) -> Result<()> {
        let (start, bytes) = self.part(part);
        let (from, mut request) = (number(from), null());
        // SAFETY: MPI is initialized and the turn had; the memory lives as long as the request.
        let code = unsafe {
            let request = &raw mut request;
            ffi::MPI_Recv_init(start.cast(), bytes, byte(), from, tag, ranks.comm, request)
        };
        turn.check("MPI_Recv_init", code)?;
        self.list.push(request);
        Ok(())
    }

    /// A message to send in every round, from a range of the memory at a place.
    pub(in super::super) fn add_send(
        &mut self,
        turn: &mut Turn,
        ranks: &Ranks,
        part: Piece,
        to: usize,
        tag: i32,
    ) -> Result<()> {
        let (start, bytes) = self.part(part);
        let (to, mut request) = (number(to), null());
        // SAFETY: as above.
        let code = unsafe {
            let request = &raw mut request;
            ffi::MPI_Send_init(start.cast(), bytes, byte(), to, tag, ranks.comm, request)
        };
        turn.check("MPI_Send_init", code)?;
        self.list.push(request);
        Ok(())
    }

    /// Starts a request that is done with when waited for: the bytes of all ranks, as many from each.
    /// They come into the memory after the one that is added for what this rank gives. Collective.
    pub(in super::super) fn start_gather(
        &mut self,
        turn: &mut Turn,
        ranks: &Ranks,
        mine: &[u8],
    ) -> Result<()> {
        let (from, to) = (self.add_memory(mine.len())?, mine.len() * ranks.size());
        let to = self.add_memory(to)?;
        let (from, to) = (self.memory[from].own(), self.memory[to].own());
        // SAFETY: the memory is new, so nobody else has it, and it is that long.
        unsafe { slice::from_raw_parts_mut(from.as_mut_ptr(), mine.len()) }.copy_from_slice(mine);
        let (bytes, mut request) = (count(mine.len()), null());
        self.under_way = true;
        // SAFETY: MPI is initialized and the turn had; there is room for as much from each rank, and
        // the memory lives until the request is waited for.
        let code = unsafe {
            let (from, to) = (from.as_ptr().cast(), to.as_mut_ptr().cast());
            let (comm, request) = (ranks.comm, &raw mut request);
            ffi::MPI_Iallgather(from, bytes, byte(), to, bytes, byte(), comm, request)
        };
        turn.check("MPI_Iallgather", code)?;
        self.list.push(request);
        Ok(())
    }

    /// Starts the messages of a round, one after the other in the sequence in which they were added:
    /// pieces of one message find each other by that.
    pub(in super::super) fn start(&mut self, turn: &mut Turn) -> Result<()> {
        assert!(!self.under_way, "messages are under way");
        self.under_way = true;
        for request in &mut self.list {
            // SAFETY: the turn is had; the request is one that can be started, and is not.
            turn.check("MPI_Start", unsafe { ffi::MPI_Start(request) })?;
        }
        Ok(())
    }

    /// Lets MPI do what it only does when called. Whether all that was started is done.
    pub(in super::super) fn progress(&mut self, turn: &mut Turn) -> Result<bool> {
        if !self.under_way {
            return Ok(true);
        }
        let (all, mut done): (_, c_int) = (count(self.list.len()), 0);
        // SAFETY: the turn is had; these are requests of MPI. Those that are done already, or were
        // never started, count as done.
        let code = unsafe {
            let statuses = ffi::RSMPI_STATUSES_IGNORE;
            ffi::MPI_Testall(all, self.list.as_mut_ptr(), &raw mut done, statuses)
        };
        turn.check("MPI_Testall", code)?;
        self.under_way = done == 0;
        Ok(!self.under_way)
    }

    /// Waits until all that was started is done: in `step`, for these.
    pub(in super::super) fn wait(
        &mut self,
        turn: &mut Turn,
        step: Step,
        others: Others<'_>,
    ) -> Result<()> {
        waits::until(turn, step, others, |turn| self.progress(turn))
    }

    /// A part of the memory, as MPI wants it.
    fn part(&self, (place, range): Piece) -> (*mut u8, c_int) {
        let memory = &self.memory[place];
        assert!(range.start <= range.end && range.end <= memory.bytes(), "a part of the memory");
        // Not `add`: the memory of a device is nothing that this program may point into.
        (memory.start().wrapping_add(range.start), count(range.len()))
    }
}

impl Drop for Requests {
    fn drop(&mut self) {
        if self.under_way {
            // Waiting here could last for ever, as others may never do their part. So MPI may go on.
            std::mem::forget(take(&mut self.memory));
            return;
        }
        // After a failure, or at the very end, MPI forgets them by itself.
        let Ok(mut turn) = turn() else { return };
        for request in self.list.iter_mut().filter(|request| **request != null()) {
            // SAFETY: the turn is had; the request can be started, but is not.
            let freed = turn.check("MPI_Request_free", unsafe { ffi::MPI_Request_free(request) });
            // What could not be freed is noted, and everything after this fails with it.
            drop(freed);
        }
    }
}

/// No request.
pub(super) fn null() -> ffi::MPI_Request {
    // SAFETY: a constant of the library, initialized before `main`.
    unsafe { ffi::RSMPI_REQUEST_NULL }
}

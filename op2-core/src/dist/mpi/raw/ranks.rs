//! The ranks of a communicator of MPI.

use std::ffi::{c_int, c_void};
use std::ptr;

use ::mpi::ffi;

use super::collective::wait_for_all;
use super::{Sequence, Together, Turn};
use crate::base::error::Result;

/// A communicator of MPI.
///
/// It is never freed: that is collective, and handles are dropped when the owner likes. MPI frees all
/// when it is finalized.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Ranks {
    pub(super) comm: ffi::MPI_Comm,
    /// The same on all ranks, and different for different communicators.
    id: u64,
    rank: usize,
    size: usize,
    last_tag: i32,
}

// SAFETY: the name of a communicator, without ties to a thread; who uses it has the turn.
unsafe impl Send for Ranks {}
// SAFETY: as above.
unsafe impl Sync for Ranks {}

impl Ranks {
    /// The number of this rank.
    pub(in super::super) fn rank(&self) -> usize {
        self.rank
    }

    /// How many there are.
    pub(in super::super) fn size(&self) -> usize {
        self.size
    }

    /// Tags go from 0 to this.
    pub(in super::super) fn last_tag(&self) -> i32 {
        self.last_tag
    }

    /// What all ranks do together, of one kind.
    pub(in super::super) fn together(&self, what: Together) -> Sequence {
        Sequence { id: self.id, tag: what as i32 }
    }

    /// What those at both ends of a channel do.
    pub(in super::super) fn way(&self, tag: i32) -> Sequence {
        Sequence { id: self.id, tag }
    }

    /// The same ranks with messages of their own, whose failures are returned. Collective.
    pub(in super::super) fn duplicate(&self, turn: &mut Turn) -> Result<Self> {
        let step = wait_for_all(turn, self)?;
        // As all ranks do this as their `step`th thing, it tells the new one from others.
        let id = step.new_id();
        // SAFETY: MPI is initialized, as there are `Ranks`.
        unsafe { Self::duplicate_of(self.comm, id, turn) }
    }

    /// The same of any communicator. Collective.
    ///
    /// # Safety
    /// MPI is initialized; the communicator is one of its.
    pub(super) unsafe fn duplicate_of(
        original: ffi::MPI_Comm,
        id: u64,
        turn: &mut Turn,
    ) -> Result<Self> {
        let mut comm = original;
        let (mut rank, mut size) = (0, 0);
        // SAFETY: of the caller; where results go lives longer than the calls, and the turn is had.
        unsafe {
            turn.check("MPI_Comm_dup", ffi::MPI_Comm_dup(original, &raw mut comm))?;
            let code = ffi::MPI_Comm_set_errhandler(comm, ffi::RSMPI_ERRORS_RETURN);
            turn.check("MPI_Comm_set_errhandler", code)?;
            turn.check("MPI_Comm_rank", ffi::MPI_Comm_rank(comm, &raw mut rank))?;
            turn.check("MPI_Comm_size", ffi::MPI_Comm_size(comm, &raw mut size))?;
        }
        let (rank, size) = (rank.cast_unsigned() as usize, size.cast_unsigned() as usize);
        Ok(Self { comm, id, rank, size, last_tag: last_tag(turn)? })
    }
}

/// The largest tag that MPI knows.
fn last_tag(turn: &mut Turn) -> Result<i32> {
    /// What every MPI has.
    const LEAST: i32 = 32767;
    let mut tag: *const c_int = ptr::null();
    let mut known = 0;
    // SAFETY: MPI is initialized; it gives a pointer to a number of its own, for which `tag` has room.
    let code = unsafe {
        ffi::MPI_Comm_get_attr(
            ffi::RSMPI_COMM_WORLD,
            ffi::MPI_TAG_UB as c_int,
            (&raw mut tag).cast::<c_void>(),
            &raw mut known,
        )
    };
    turn.check("MPI_Comm_get_attr", code)?;
    if known == 0 || tag.is_null() {
        return Ok(LEAST);
    }
    // SAFETY: MPI says that it is known, so there is a number.
    Ok(unsafe { *tag })
}

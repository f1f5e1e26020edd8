//! Ranks as processes, which talk by MPI.
//!
//! All calls of MPI are in `raw`, the one module here with unsafe code: it keeps calls one at a
//! time and memory in its place while messages are under way. What is left to this module is what the
//! calls are for. Messages of more bytes than MPI can count go in pieces.
//!
//! A process ends all others when it ends with an error or a panic (`raw::process`), or well but while others
//! wait for it (`raw::waits`); so programs need not do anything for that, and must not finalize MPI. They may
//! initialize it themselves; then nobody asks who waits for whom.

#[forbid(unsafe_code)]
mod channel;
#[forbid(unsafe_code)]
mod comm;
#[forbid(unsafe_code)]
mod gathering;
#[forbid(unsafe_code)]
mod pieces;
mod raw;

use std::sync::Arc;

use crate::base::comm::Comm;
use crate::base::error::{Error, Result};

use comm::MpiComm;

/// The longest message, in bytes: MPI counts with 31 bits.
const LONGEST: usize = 1 << 30;

/// All ranks of this program, with messages of their own. Initializes MPI when first called. Collective.
///
/// From then on the end of this process matters to the others: with exit status 0 it waits until all
/// have come to theirs, and with any other, or if one waits for it in vain, it ends them.
///
/// ```no_run
/// let comm = op2_core::dist::mpi::world()?;
/// println!("rank {} of {}", comm.rank(), comm.size());
/// # Ok::<(), op2_core::base::error::Error>(())
/// ```
///
/// # Errors
/// MPI cannot be had, or not for calls from several threads in turn.
pub fn world() -> Result<Arc<dyn Comm>> {
    world_in_pieces(LONGEST)
}

/// As [`world`], with messages cut into pieces of so many bytes: to try what else only
/// takes place with messages of gigabytes.
///
/// # Errors
/// As [`world`].
#[doc(hidden)]
pub fn world_in_pieces(longest: usize) -> Result<Arc<dyn Comm>> {
    let world = raw::process::world()?;
    let duplicate = world.duplicate(&mut raw::turn()?)?;
    Ok(Arc::new(MpiComm::new(duplicate, longest)))
}

/// Keeps what went wrong for the message with which this process ends all ranks, should it end with
/// an exit status other than 0. The last one counts.
pub fn note(error: &Error) {
    raw::process::note(error);
}

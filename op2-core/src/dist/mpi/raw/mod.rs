//! The calls of MPI, as safe functions.
//!
//! What makes them safe: MPI is initialized before anything here can be called, because that takes
//! [`Ranks`], which come from [`process::world`]; it is called by one thread at a time, because that
//! takes the [`Turn`]; and memory that it reads or writes later stays where it is until it is done, because
//! it belongs to the [`Requests`]. Where MPI reports a failure, nobody knows what it still does,
//! so such memory is never freed.

mod collective;
mod cuda;
pub(super) mod process;
mod ranks;
mod requests;
mod waits;

use std::ffi::{CStr, c_char, c_int};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use ::mpi::ffi;

pub(super) use collective::{all_gather_bytes, all_gather_words, all_to_all_words, exchange};
pub(super) use cuda::knows_cuda;
pub(super) use ranks::Ranks;
pub(super) use requests::{Piece, Requests};
pub(super) use waits::{Others, Sequence, Step, Together};

use crate::base::error::{Error, Result};

/// Held by whoever calls MPI.
static TURN: Mutex<State> = Mutex::new(State { failure: None, waits: waits::Waits::new() });

/// What the calls of MPI have to do with each other.
struct State {
    /// The first one; after that all calls fail with it.
    failure: Option<Error>,
    waits: waits::Waits,
}

/// The right to call MPI.
pub(super) struct Turn(MutexGuard<'static, State>);

/// Waits for the turn.
pub(super) fn turn() -> Result<Turn> {
    let turn = Turn(TURN.lock().unwrap_or_else(PoisonError::into_inner));
    match &turn.0.failure {
        Some(failure) => Err(failure.clone()),
        None => Ok(turn),
    }
}

/// The turn, failures or not, if nobody has it.
fn turn_if_free() -> Option<Turn> {
    match TURN.try_lock() {
        Ok(guard) => Some(Turn(guard)),
        Err(TryLockError::Poisoned(poisoned)) => Some(Turn(poisoned.into_inner())),
        Err(TryLockError::WouldBlock) => None,
    }
}

impl Turn {
    /// Counts the next thing in which this rank takes part, now.
    pub(super) fn join(&mut self, sequence: Sequence) -> Step {
        self.0.waits.join(sequence)
    }

    fn state(&mut self) -> &mut State {
        &mut self.0
    }

    /// Turns what a call of MPI returned into an error, which is then everybody's.
    fn check(&mut self, call: &str, code: c_int) -> Result<()> {
        if code == ffi::MPI_SUCCESS as c_int {
            return Ok(());
        }
        Err(self.fail(format!("{call} failed: {}", text(code))))
    }

    fn fail(&mut self, reason: String) -> Error {
        let error = Error::Rank { rank: process::rank(), reason };
        process::note(&error);
        self.0.failure.get_or_insert(error).clone()
    }
}

/// What MPI says of an error.
fn text(code: c_int) -> String {
    let mut letters = [0 as c_char; ffi::MPI_MAX_ERROR_STRING as usize + 1];
    let mut length = 0;
    // SAFETY: there is room for the longest text and its end; the caller has the turn.
    unsafe { ffi::MPI_Error_string(code, letters.as_mut_ptr(), &raw mut length) };
    // SAFETY: the last letter is an end in any case, as MPI writes one less at most.
    unsafe { CStr::from_ptr(letters.as_ptr()) }.to_string_lossy().into_owned()
}

/// A number of bytes as MPI wants it.
fn count(bytes: usize) -> c_int {
    c_int::try_from(bytes).expect("messages are cut into pieces that MPI can count")
}

/// A rank as MPI wants it.
fn number(rank: usize) -> c_int {
    c_int::try_from(rank).expect("MPI numbers ranks with 31 bits")
}

/// What all messages consist of.
fn byte() -> ffi::MPI_Datatype {
    // SAFETY: a constant of the library, initialized before `main`.
    unsafe { ffi::RSMPI_UINT8_T }
}

/// A word, where messages consist of those.
fn word() -> ffi::MPI_Datatype {
    // SAFETY: as above.
    unsafe { ffi::RSMPI_UINT64_T }
}

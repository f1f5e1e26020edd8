//! Ranks as threads of one process, so that tests and small programs run on many ranks without MPI.
//!
//! The ranks share nothing but one `hub`: contributions to collective calls and messages of channels
//! change hands there, and there it is known what each rank waits for. So what would be a hang
//! elsewhere is an error here: a rank that waits for one that has ended, ranks that wait for each
//! other, ranks that make different collective calls. Messages are copied, as between processes: what
//! works here does not work because memory is shared.

mod channel;
mod comm;
mod hub;
mod meet;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{Builder, Scope, ScopedJoinHandle, scope};

use crate::base::comm::Comm;
use crate::base::error::{Error, Result};

use comm::ThreadComm;
use hub::Hub;

/// What the main thread of a process usually has.
const STACK_BYTES: usize = 8 << 20;

/// Runs `program` on so many ranks, each a thread with its communicator. Gives their results, by rank.
///
/// The calls of one rank come one at a time, from whatever thread, those on duplicates included.
///
/// ```
/// let sums = op2_core::dist::threads::run(3, |comm| {
///     let ranks = comm.all_gather(&[comm.rank() as u8])?;
///     Ok(ranks.iter().map(|bytes| bytes[0]).sum::<u8>())
/// })?;
/// assert_eq!(sums, [3, 3, 3]);
/// # Ok::<(), op2_core::base::error::Error>(())
/// ```
///
/// # Errors
/// A rank fails or panics, which ends all: the others learn of it where they next talk. What is
/// returned is the cause, with the rank where it happened. The same when ranks wait for what will
/// never come, or disagree on what they call.
pub fn run<R: Send>(
    ranks: usize,
    program: impl Fn(Arc<dyn Comm>) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    if ranks == 0 {
        return Err(Error::Settings("a program needs at least one rank, not 0".into()));
    }
    let hub = Hub::new(ranks);
    let results: Vec<Option<R>> = scope(|scope| {
        let threads: Vec<_> = (0..ranks).map(|rank| spawn(scope, rank, &hub, &program)).collect();
        threads.into_iter().map(|thread| thread?.join().ok()?).collect()
    });
    match hub.failure() {
        Some(failure) => Err(failure),
        None => Ok(results.into_iter().flatten().collect()),
    }
}

/// Starts a rank; where the system refuses, the rank has failed.
fn spawn<'scope, R: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    rank: usize,
    hub: &Arc<Hub>,
    program: &'scope (impl Fn(Arc<dyn Comm>) -> Result<R> + Sync),
) -> Option<ScopedJoinHandle<'scope, Option<R>>> {
    let thread = Builder::new().name(format!("rank {rank}")).stack_size(STACK_BYTES);
    let here = Arc::clone(hub);
    thread
        .spawn_scoped(scope, move || live(&here, rank, program))
        .map_err(|error| hub.fail(rank, format!("its thread could not be started: {error}")))
        .ok()
}

/// The life of a rank, and what the hub learns of its end.
fn live<R>(hub: &Arc<Hub>, rank: usize, program: impl Fn(Arc<dyn Comm>) -> Result<R>) -> Option<R> {
    let comm = Arc::new(ThreadComm::world(hub, rank));
    let ended = catch_unwind(AssertUnwindSafe(|| program(comm)));
    let failure = match &ended {
        Ok(Ok(_)) => None,
        // It says already which rank is at fault.
        Ok(Err(Error::Rank { rank: culprit, reason })) => Some((*culprit, reason.clone())),
        Ok(Err(error)) => Some((rank, error.to_string())),
        Err(panic) => Some((rank, format!("panicked: {}", text(panic.as_ref())))),
    };
    if let Some((culprit, reason)) = failure {
        hub.fail(culprit, reason);
    }
    hub.end(rank);
    ended.ok()?.ok()
}

/// What `panic!` was given.
fn text(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("(not a text)")
}

//! The threads of a context, and who may use them when.
//!
//! A thread that waits for its part of a loop starts whatever else its pool has to do. Were that a
//! piece of the program (given to `run`) that starts a loop of its own, this loop would wait for the
//! one below it on the same stack, forever. So the pool never holds parts of a loop from outside and
//! a piece of the program at the same time:
//!
//! - one piece of the program at a time is inside; it waits until loops from outside have left;
//! - while it is inside, loops from outside run on the thread that starts them. That takes longer
//!   and changes no bit of the result.
//!
//! A program that splits itself up inside `run`, with rayon's own means, meets the same stack: a
//! loop there is refused by the home's turn.

use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError, RwLock, TryLockError};
use std::thread;

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::base::error::{Error, Result};

/// A pool of threads.
pub(crate) struct Threads {
    pool: ThreadPool,
    /// Held by the piece of the program that is inside.
    insider: Mutex<()>,
    /// Read by loops from outside, written by the piece of the program.
    inside: RwLock<()>,
}

impl Threads {
    /// Starts `count` threads, one per processor if not given.
    ///
    /// # Errors
    /// None asked for, or the system refuses.
    pub(crate) fn start(count: Option<usize>) -> Result<Self> {
        if count == Some(0) {
            return Err(Error::Settings("0 threads: at least one is needed".into()));
        }
        let pool = ThreadPoolBuilder::new()
            .num_threads(count.unwrap_or(0))
            .thread_name(|i| format!("op2-{i}"))
            .build()
            .map_err(|e| Error::Settings(format!("threads cannot be started: {e}")))?;
        Ok(Self { pool, insider: Mutex::default(), inside: RwLock::default() })
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.pool.current_num_threads()
    }

    /// Runs the parts of a loop, or other work that starts no loop: in the pool (`work(true)`)
    /// unless it is taken.
    pub(crate) fn share<R: Send>(&self, work: impl FnOnce(bool) -> R + Send) -> R {
        if self.is_inside() {
            return work(true);
        }
        let _guest = match self.inside.try_read() {
            Ok(guest) => guest,
            // A piece of the program panicked inside: the pool is none the worse for it.
            Err(TryLockError::Poisoned(guest)) => guest.into_inner(),
            Err(TryLockError::WouldBlock) => return work(false),
        };
        self.install(|| work(true))
    }

    /// Runs a piece of the program, which may start loops: inside, or, when another one is
    /// there, on this thread.
    pub(crate) fn run<R: Send>(&self, piece: impl FnOnce() -> R + Send) -> R {
        if self.is_inside() {
            return piece();
        }
        let _insider = match self.insider.try_lock() {
            Ok(insider) => insider,
            Err(TryLockError::Poisoned(insider)) => insider.into_inner(),
            Err(TryLockError::WouldBlock) => return piece(),
        };
        let _alone = self.inside.write().unwrap_or_else(PoisonError::into_inner);
        self.install(piece)
    }

    fn install<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        if rayon::current_thread_index().is_none() {
            return self.pool.install(work);
        }
        // A thread of another pool would not sleep but start other work of that pool, with the same
        // consequences: another thread waits in its place.
        thread::scope(|scope| scope.spawn(|| self.pool.install(work)).join())
            .unwrap_or_else(|panic| resume_unwind(panic))
    }

    fn is_inside(&self) -> bool {
        self.pool.current_thread_index().is_some()
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn work_from_outside_does_not_wait_for_a_piece_inside() {
        let threads = Threads::start(Some(1)).unwrap();
        let (entered, wait_for_entry) = channel();
        let (leave, wait_to_leave) = channel();
        thread::scope(|scope| {
            let threads = &threads;
            scope.spawn(move || {
                threads.run(move || {
                    entered.send(()).unwrap();
                    wait_to_leave.recv().unwrap();
                    assert!(threads.share(|parallel| parallel), "loops inside have the pool");
                    assert_eq!(threads.run(|| 5), 5);
                });
            });
            wait_for_entry.recv().unwrap();
            assert!(!threads.share(|parallel| parallel), "the pool is taken");
            assert!(!threads.run(|| threads.share(|parallel| parallel)));
            leave.send(()).unwrap();
        });
        assert!(threads.share(|parallel| parallel));
    }

    #[test]
    fn a_panic_inside_leaves_the_pool_usable() {
        let threads = Threads::start(Some(2)).unwrap();
        for _ in 0..2 {
            let piece = || threads.run(|| panic!("on purpose"));
            assert!(catch_unwind(AssertUnwindSafe(piece)).is_err());
            assert!(threads.share(|parallel| parallel));
        }
    }

    #[test]
    fn threads_of_another_pool_may_use_this_one() {
        let (inner, outer) = (Threads::start(Some(1)).unwrap(), Threads::start(Some(1)).unwrap());
        assert!(outer.run(|| inner.share(|parallel| parallel)));
        assert!(outer.run(|| inner.run(|| inner.share(|parallel| parallel))));
    }
}

//! What all handles of one context share: its identity, the names taken, the right to run.
//!
//! Sets, maps and dats hold their home; it keeps the machinery of the upper floors (plans,
//! executors, counters) alive without this floor knowing what that is.

use std::any::{Any, TypeId};
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::comm::Comm;
use crate::base::error::{Error, Result};
use crate::base::profile::Profile;
use crate::mesh::registry::Registry;

/// The common ground of one context.
pub struct Home {
    id: u64,
    turn: Mutex<()>,
    numbering: AtomicU64,
    topology: AtomicU64,
    late: Mutex<Option<Error>>,
    registry: Mutex<Registry>,
    kept: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
    engine: Box<dyn Machinery>,
}

/// What the upper floors run a context with, as far as this floor must know.
pub trait Machinery: Any + Send + Sync {
    /// Calls `work` once, on a thread whose pool shares the work, if there is one to be had.
    fn on_threads(&self, work: &mut (dyn FnMut() + Send));

    /// The counters of the context.
    fn profile(&self) -> &Profile;

    /// The ranks that the context runs on, where there are several.
    fn comm(&self) -> Option<&Arc<dyn Comm>>;

    /// Numbers what is stored here anew, if sets or maps were declared since it was last done.
    /// Collective; the home's turn is held.
    ///
    /// # Errors
    /// Those of the ranks.
    fn settle_topology(&self, home: &Home) -> Result<()>;
}

thread_local! {
    /// The home whose turn this thread holds, 0 for none.
    static IN_TURN: Cell<u64> = const { Cell::new(0) };

    /// Whether this thread may wait for a turn. One that serves loops may not: the loop that has the
    /// turn may be waiting for it.
    static MAY_WAIT: Cell<bool> = const { Cell::new(true) };
}

/// The right to run loops or to hand out data of one home; one at a time.
pub struct Turn<'a> {
    _guard: MutexGuard<'a, ()>,
    outer: u64,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        IN_TURN.set(self.outer);
    }
}

/// Makes this thread one that serves loops.
pub(crate) fn never_wait() {
    MAY_WAIT.set(false);
}

/// Calls `f`, which may wait for a turn: no loop is running further down on this thread's stack.
pub(crate) fn waiting_allowed<R>(f: impl FnOnce() -> R) -> R {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            MAY_WAIT.set(self.0);
        }
    }
    let _restore = Restore(MAY_WAIT.replace(true));
    f()
}

/// A number that no other object of this process has.
pub fn fresh_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Home {
    /// A home around the machinery of the upper floors.
    pub fn new(engine: Box<dyn Machinery>) -> Arc<Self> {
        Arc::new(Self {
            id: fresh_id(),
            turn: Mutex::default(),
            numbering: AtomicU64::new(0),
            topology: AtomicU64::new(0),
            late: Mutex::default(),
            registry: Mutex::default(),
            kept: Mutex::default(),
            engine,
        })
    }

    /// Distinguishes contexts.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The machinery, for the floor that put it there.
    pub fn engine<E: 'static>(&self) -> &E {
        let engine: &dyn Any = &*self.engine;
        engine.downcast_ref().expect("a home is made by its own context")
    }

    /// Calls `work` where the context's threads share it.
    pub fn on_threads<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        let (mut work, mut result) = (Some(work), None);
        self.engine.on_threads(&mut || result = work.take().map(|work| work()));
        result.expect("the machinery calls what it is given")
    }

    /// The counters of the context.
    pub fn profile(&self) -> &Profile {
        self.engine.profile()
    }

    /// The ranks that the context runs on; `None` if it is the only one.
    pub fn comm(&self) -> Option<&Arc<dyn Comm>> {
        self.engine.comm()
    }

    /// How many ranks the context runs on, and which of them this is.
    pub fn ranks(&self) -> (usize, usize) {
        self.comm().map_or((1, 0), |comm| (comm.size(), comm.rank()))
    }

    /// Sees to it that maps lead to local numbers. Collective; the turn is held.
    ///
    /// # Errors
    /// Those of the ranks.
    pub fn settle_topology(&self) -> Result<()> {
        if self.comm().is_some() { self.engine.settle_topology(self) } else { Ok(()) }
    }

    /// Counts sets and maps that were declared.
    pub fn topology(&self) -> u64 {
        self.topology.load(Ordering::Acquire)
    }

    /// Says that a set or a map was declared.
    pub(crate) fn changed_topology(&self) {
        self.topology.fetch_add(1, Ordering::AcqRel);
    }

    /// Notes an error where none can be returned: who next asks for the turn gets it.
    pub(crate) fn fail_later(&self, error: Error) {
        self.late.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }

    /// The context's only `T`, made when first asked for: what upper floors keep for all handles.
    pub fn keep<T: Any + Send + Sync + Default>(&self) -> Arc<T> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default())).clone();
        found.downcast().expect("found by its own type")
    }

    /// Waits for the right to touch data.
    ///
    /// # Errors
    /// When this thread already holds it, or serves loops: a loop started from inside a loop. What
    /// failed where nobody could be told.
    pub fn turn(&self) -> Result<Turn<'_>> {
        let turn = self.enter()?;
        match self.late.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) => Err(error),
            None => Ok(turn),
        }
    }

    /// As [`turn`](Self::turn), for who cannot say what failed before.
    ///
    /// # Errors
    /// When this thread already holds it, or serves loops.
    pub(crate) fn enter(&self) -> Result<Turn<'_>> {
        if !MAY_WAIT.get() {
            return Err(Error::InUse {
                what: "context",
                name: self.id.to_string(),
                reason: "this thread serves loops: loops are started and data is touched by the closure of `run` itself, neither from inside a loop nor from tasks handed to other threads".into(),
            });
        }
        if IN_TURN.get() == self.id {
            return Err(Error::InUse {
                what: "context",
                name: self.id.to_string(),
                reason: "a loop is running on this thread: finish it before starting another or touching data".into(),
            });
        }
        let guard = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Turn { _guard: guard, outer: IN_TURN.replace(self.id) })
    }

    /// Counts renumberings: what was derived from maps under another count no longer holds.
    pub fn numbering(&self) -> u64 {
        self.numbering.load(Ordering::Acquire)
    }

    /// Says that local numbers change, before and after they do; the turn and the registry are held.
    pub(crate) fn renumbered(&self) {
        self.numbering.fetch_add(1, Ordering::AcqRel);
    }

    /// What is declared and alive.
    pub(crate) fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Home {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Home({})", self.id)
    }
}

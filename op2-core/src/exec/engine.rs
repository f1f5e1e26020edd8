//! What a context runs its loops with: settings, threads, plans, counters.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::base::comm::Comm;
use crate::base::config::{Backend, Settings, SimdLevel};
use crate::base::error::{Error, Result};
use crate::base::profile::Profile;
use crate::device::accelerator::Accelerator;
use crate::device::api::{Device, Runner};
use crate::device::memcheck::Memcheck;
use crate::dist::launch::ranks_here;
use crate::exec::cache::PlanCache;
use crate::exec::ranks::Ranks;
use crate::exec::reproducible::Sequences;
use crate::mesh::home::{self, Home, Machinery};

/// The machinery of one context.
pub struct Engine {
    /// As chosen when the context was built.
    pub(crate) settings: Settings,
    /// The instructions in use, which this machine has: nobody from outside changes them.
    pub(crate) simd: SimdLevel,
    /// Counters of all loops.
    pub profile: Profile,
    pub(crate) plans: PlanCache,
    /// The plans of the reproducible mode.
    pub(crate) sequences: Sequences,
    /// Where loops run, if not on the host.
    pub(crate) device: Option<Arc<Accelerator>>,
    /// Who else runs the same loops.
    pub(crate) ranks: Option<Ranks>,
    pool: Option<ThreadPool>,
    /// Whether the pool works for a thread from outside.
    taken: AtomicBool,
}

impl Engine {
    /// Starts the machinery.
    ///
    /// # Errors
    /// Threads that cannot be started, instructions that this machine lacks.
    pub fn new(settings: Settings, device: Option<Box<dyn Device>>) -> Result<Self> {
        Self::on_ranks(settings, device, None)
    }

    /// Starts the machinery on one of several ranks. Collective.
    ///
    /// # Errors
    /// As [`new`](Self::new); those of the ranks.
    pub fn on_ranks(
        settings: Settings,
        device: Option<Box<dyn Device>>,
        comm: Option<Arc<dyn Comm>>,
    ) -> Result<Self> {
        if settings.reproducible && settings.backend.is_device() {
            return Err(Error::Settings(format!(
                "reproducible sums are computed by processors (backends seq, rayon), not by {}",
                settings.backend
            )));
        }
        let simd = settings.simd.unwrap_or_else(SimdLevel::detect);
        if !simd.is_supported() {
            let available: Vec<_> =
                SimdLevel::supported().iter().map(SimdLevel::to_string).collect();
            return Err(Error::Settings(format!(
                "this machine has no {simd} instructions; it has {}",
                available.join(", ")
            )));
        }
        let pool = match settings.backend {
            Backend::Seq => None,
            _ => Some(start_threads(settings.threads, comm.as_deref())?),
        };
        let device = accelerator(&settings, device)?;
        let (profile, plans, sequences) =
            (Profile::new(), PlanCache::default(), Sequences::default());
        let taken = AtomicBool::new(false);
        // One rank is none: nothing is asked of anybody.
        let ranks = comm.filter(|comm| comm.size() > 1);
        let ranks = ranks.map(|comm| Ranks::new(comm, device.as_deref())).transpose()?;
        Ok(Self { settings, simd, profile, plans, sequences, device, ranks, pool, taken })
    }

    /// Forgets what depends on the numbering.
    pub(crate) fn renumbered(&self) {
        self.plans.clear();
        self.sequences.clear();
        if let Some(device) = &self.device {
            device.renumbered();
        }
    }

    /// Where loops run, if not on the host.
    pub fn device(&self) -> Option<&Arc<Accelerator>> {
        self.device.as_ref()
    }

    /// Whether loops look for mistakes while they run.
    pub(crate) fn finds_mistakes(&self) -> bool {
        let memcheck =
            |device: &Arc<Accelerator>| matches!(device.device().runner(), Runner::Memcheck);
        self.settings.checked || self.device.as_ref().is_some_and(memcheck)
    }

    /// Waits for all loops of a device, whose times are known then.
    ///
    /// # Errors
    /// The device's.
    pub(crate) fn settle(&self) -> Result<()> {
        self.device.as_ref().map_or(Ok(()), |device| device.settle(&self.profile))
    }

    /// How many threads run a loop.
    pub fn threads(&self) -> usize {
        self.pool.as_ref().map_or(1, ThreadPool::current_num_threads)
    }

    /// Whether this is one of the threads.
    pub(crate) fn serves_here(&self) -> bool {
        self.pool.as_ref().is_some_and(|pool| pool.current_thread_index().is_some())
    }

    /// Calls `f` on one of the threads with `true`, or here with `false` where there are none, or
    /// where they work for another thread.
    ///
    /// The threads serve one caller at a time. A thread of the pool that waits for a part of its
    /// loop takes up other work meanwhile; were that the work of another caller, it could wait for
    /// the turn of the loop that it keeps from ending.
    pub(crate) fn on_threads<R: Send>(&self, f: impl FnOnce(bool) -> R + Send) -> R {
        let Some(pool) = &self.pool else { return f(false) };
        if self.serves_here() {
            return f(true);
        }
        let Some(_taken) = Taken::take(&self.taken) else { return f(false) };
        if rayon::current_thread_index().is_none() {
            return pool.install(|| f(true));
        }
        // A thread of another pool would take up other work, too; one of our own just waits.
        thread::scope(|scope| scope.spawn(|| pool.install(|| f(true))).join())
            .unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl Machinery for Engine {
    fn on_threads(&self, work: &mut (dyn FnMut() + Send)) {
        Engine::on_threads(self, |_| work());
    }

    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn comm(&self) -> Option<&Arc<dyn Comm>> {
        self.ranks.as_ref().map(|ranks| &ranks.comm)
    }

    fn settle_topology(&self, home: &Home) -> Result<()> {
        match &self.ranks {
            Some(ranks) if !ranks.is_settled(home) => {
                ranks.settle(home, self.settings.partition)?;
                self.renumbered();
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// The pool belongs to one caller until this is dropped.
struct Taken<'a>(&'a AtomicBool);

impl<'a> Taken<'a> {
    fn take(flag: &'a AtomicBool) -> Option<Self> {
        (!flag.swap(true, Ordering::Acquire)).then(|| Self(flag))
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// The device that the settings ask for.
fn accelerator(
    settings: &Settings,
    device: Option<Box<dyn Device>>,
) -> Result<Option<Arc<Accelerator>>> {
    let device = match settings.backend {
        Backend::Seq | Backend::Rayon => return Ok(None),
        Backend::Memcheck => Some(Box::new(Memcheck::new()) as Box<dyn Device>),
        Backend::OpenCl | Backend::Cuda => device,
    };
    let missing = || {
        let backend = settings.backend;
        Error::Settings(format!(
            "this program was built without the backend {backend}: enable the feature `{backend}` of op2"
        ))
    };
    Ok(Some(Arc::new(Accelerator::new(device.ok_or_else(missing)?, settings))))
}

/// Ranks of one machine share its processors.
fn start_threads(threads: Option<usize>, comm: Option<&dyn Comm>) -> Result<ThreadPool> {
    if threads == Some(0) {
        return Err(Error::Settings("0 threads: at least one is needed".into()));
    }
    let share = || {
        let ranks = comm.map_or(1, |comm| ranks_here().unwrap_or(comm.size()));
        thread::available_parallelism().map_or(1, |all| (all.get() / ranks).max(1))
    };
    ThreadPoolBuilder::new()
        .num_threads(threads.unwrap_or_else(share))
        .thread_name(|i| format!("op2-{i}"))
        // As much as a main thread has: elements are staged on the stack.
        .stack_size(8 << 20)
        .start_handler(|_| home::never_wait())
        .build()
        .map_err(|e| Error::Settings(format!("threads cannot be started: {e}")))
}

//! What a context runs its loops with: settings, threads, plans, counters.

use crate::base::config::{Backend, Settings, SimdLevel};
use crate::base::error::{Error, Result};
use crate::base::profile::Profile;
use crate::exec::cache::PlanCache;
use crate::exec::threads::Threads;

/// The machinery of one context.
pub struct Engine {
    /// As chosen when the context was built.
    pub settings: Settings,
    /// The instructions in use.
    pub simd: SimdLevel,
    /// Counters of all loops.
    pub profile: Profile,
    pub(crate) plans: PlanCache,
    pool: Option<Threads>,
}

impl Engine {
    /// Starts the machinery.
    ///
    /// # Errors
    /// Threads that cannot be started, instructions that this machine lacks.
    pub fn new(settings: Settings) -> Result<Self> {
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
            Backend::Rayon => Some(Threads::start(settings.threads)?),
        };
        Ok(Self { settings, simd, profile: Profile::new(), plans: PlanCache::default(), pool })
    }

    /// How many threads run a loop.
    pub fn threads(&self) -> usize {
        self.pool.as_ref().map_or(1, Threads::count)
    }

    /// Runs the parts of a loop, or other work that starts no loop, on the threads; `work(true)` where
    /// the parts may run in parallel.
    pub fn share<R: Send>(&self, work: impl FnOnce(bool) -> R + Send) -> R {
        match &self.pool {
            Some(threads) => threads.share(work),
            None => work(false),
        }
    }

    /// Runs a piece of the program, which may start loops, on one of the threads.
    pub fn run<R: Send>(&self, piece: impl FnOnce() -> R + Send) -> R {
        match &self.pool {
            Some(threads) => threads.run(piece),
            None => piece(),
        }
    }
}

//! What a context runs its loops with: settings, threads, plans, counters.

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::base::config::{Backend, Settings, SimdLevel};
use crate::base::error::{Error, Result};
use crate::base::profile::Profile;
use crate::exec::cache::PlanCache;

/// The machinery of one context.
pub struct Engine {
    /// As chosen when the context was built.
    pub settings: Settings,
    /// The instructions in use.
    pub simd: SimdLevel,
    /// Counters of all loops.
    pub profile: Profile,
    pub(crate) plans: PlanCache,
    pool: Option<ThreadPool>,
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
            Backend::Rayon => Some(start_threads(settings.threads)?),
        };
        Ok(Self { settings, simd, profile: Profile::new(), plans: PlanCache::default(), pool })
    }

    /// How many threads run a loop.
    pub fn threads(&self) -> usize {
        self.pool.as_ref().map_or(1, ThreadPool::current_num_threads)
    }

    /// The threads, unless loops run on the calling one.
    pub fn pool(&self) -> Option<&ThreadPool> {
        self.pool.as_ref()
    }
}

fn start_threads(threads: Option<usize>) -> Result<ThreadPool> {
    if threads == Some(0) {
        return Err(Error::Settings("0 threads: at least one is needed".into()));
    }
    ThreadPoolBuilder::new()
        .num_threads(threads.unwrap_or(0))
        .thread_name(|i| format!("op2-{i}"))
        .build()
        .map_err(|e| Error::Settings(format!("threads cannot be started: {e}")))
}

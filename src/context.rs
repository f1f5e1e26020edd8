//! The one object that a program holds, and the settings that it starts with.
//!
//! This is the only place that knows which packages of devices are built in.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use op2_core::base::comm::Comm;
use op2_core::base::config::{AutoPartition, Backend, Settings, SimdLevel};
use op2_core::base::device_settings::{RaceStrategy, RaceWishes};
use op2_core::base::error::{Error, Result};
use op2_core::base::layout::Layout;
use op2_core::device::api::Device;

/// Declares data, owns threads, devices, plans and counters. Cheap to clone; a clone is the same
/// context. There are no globals: two contexts with different settings live side by side.
///
/// What a context can do is said at the methods of [`op2_core::context::Context`], all of which it
/// has.
///
/// ```
/// # use op2::{Backend, Context};
/// let cx = Context::builder().backend(Backend::Seq).build()?;
/// assert_eq!(cx.threads(), 1);
/// # Ok::<(), op2::Error>(())
/// ```
#[derive(Clone)]
pub struct Context(op2_core::context::Context);

impl Context {
    /// A context with settings made in code; the environment is not looked at.
    pub fn builder() -> ContextBuilder {
        ContextBuilder::default()
    }

    /// A context with the settings of the environment: `OP2_BACKEND`, `OP2_THREADS`, `OP2_SIMD`,
    /// `OP2_CHECKED`, `OP2_PARTITION`, `OP2_REPRODUCIBLE`, and for devices `OP2_OPENCL_DEVICE`,
    /// `OP2_CUDA_DEVICE`, `OP2_DEVICE_LAYOUT`, `OP2_RACES`, `OP2_DIRECT_MESSAGES`, `OP2_CONTRACT`,
    /// `OP2_DUMP_SOURCE`, `OP2_PTX_DIR`, `OP2_CACHE_DIR`.
    ///
    /// Started by `mpirun`, the program shares its work with the other ranks; that needs the feature
    /// `mpi`. Collective then.
    ///
    /// # Errors
    /// Unknown `OP2_*` variables and unknown values (the message lists the valid ones), no such
    /// device, several ranks without the feature `mpi`.
    pub fn from_env() -> Result<Self> {
        Self::builder_from_env()?.build()
    }

    /// The settings of the environment, to be changed further.
    ///
    /// # Errors
    /// As [`from_env`](Self::from_env).
    pub fn builder_from_env() -> Result<ContextBuilder> {
        let settings = Settings::from_env().map_err(|e| Error::Settings(e.to_string()))?;
        Ok(ContextBuilder { settings, comm: launched()? })
    }
}

impl Deref for Context {
    type Target = op2_core::context::Context;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Settings for a new [`Context`].
#[derive(Clone, Default)]
pub struct ContextBuilder {
    settings: Settings,
    comm: Option<Arc<dyn Comm>>,
}

impl std::fmt::Debug for ContextBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ranks = self.comm.as_ref().map_or(1, |comm| comm.size());
        write!(f, "{:?} on {ranks} ranks", self.settings)
    }
}

impl ContextBuilder {
    /// Who runs the loops.
    #[must_use]
    pub fn backend(mut self, backend: Backend) -> Self {
        self.settings.backend = backend;
        self
    }

    /// How many threads the processor's part of the work is shared among (default: one per processor).
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.settings.threads = Some(threads);
        self
    }

    /// Vector instructions (default: the best that the machine has).
    #[must_use]
    pub fn simd(mut self, level: SimdLevel) -> Self {
        self.settings.simd = Some(level);
        self
    }

    /// How ranks share sets that the program does not partition (default: in blocks).
    #[must_use]
    pub fn partition(mut self, way: AutoPartition) -> Self {
        self.settings.partition = way;
        self
    }

    /// Whether loops check what is otherwise taken for granted; slow.
    #[must_use]
    pub fn checked(mut self, checked: bool) -> Self {
        self.settings.checked = checked;
        self
    }

    /// Whether results have the same bits on any number of ranks and threads, with any partition and
    /// any [`reorder`](op2_core::context::Context::reorder): all dats and globals, for the same program
    /// and data.
    ///
    /// Rows that several elements change see them in a sequence that the user's numbers give, and a
    /// global sum of floating-point numbers is the exact sum of its terms and the old value, rounded
    /// once. Both cost time: sums, and loops over halos that no longer overlap with messages.
    ///
    /// Not promised: which NaN a NaN is in dats; the same bits on another kind of processor (where
    /// functions such as `exp` may differ). Refused: devices, and on several ranks loops in which
    /// elements hand on what they read from a row that others change (`Rw`) as well.
    ///
    /// ```
    /// use op2::prelude::*;
    ///
    /// op2::sets! { Cells; }
    ///
    /// #[op2::kernel]
    /// fn add(q: &f64, total: Inc<f64>) {
    ///     *total += q;
    /// }
    ///
    /// # fn main() -> op2::Result<()> {
    /// let sum = |comm| {
    ///     let cx = Context::builder().backend(Backend::Seq).reproducible(true).comm(comm).build()?;
    ///     let cells = cx.set::<Cells>(1000)?;
    ///     let q: Dat<Cells, f64> = cx.dat("q", &cells, (0..1000).map(|i| 0.1 * i as f64).collect::<Vec<_>>())?;
    ///     let total = cx.global("total", 0.0);
    ///     par_loop!(add, cells, q(Read), total(Inc))?;
    ///     total.value()
    /// };
    /// let (one, three) = (op2::ranks(1, sum)?, op2::ranks(3, sum)?);
    /// assert_eq!(one[0].to_bits(), three[0].to_bits());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn reproducible(mut self, reproducible: bool) -> Self {
        self.settings.reproducible = reproducible;
        self
    }

    /// How dats lie in memory unless declared otherwise.
    #[must_use]
    pub fn layout(mut self, layout: Layout) -> Self {
        self.settings.layout = layout;
        self
    }

    /// Which device of the backend, by its number or a part of its name (default: the first that
    /// suits).
    #[must_use]
    pub fn device(mut self, choice: impl Into<String>) -> Self {
        let choice = Some(choice.into());
        self.settings.device.opencl.clone_from(&choice);
        self.settings.device.cuda = choice;
        self
    }

    /// How dats lie on the device (default: what suits it).
    #[must_use]
    pub fn device_layout(mut self, layout: Layout) -> Self {
        self.settings.device.layout = Some(layout);
        self
    }

    /// How a device keeps work-items apart that change the same row, in all loops that have no
    /// wish of their own.
    #[must_use]
    pub fn races(mut self, strategy: RaceStrategy) -> Self {
        let loops = std::mem::take(&mut self.settings.device.races.loops);
        self.settings.device.races = RaceWishes { usual: strategy, loops };
        self
    }

    /// As [`races`](Self::races), for the loops of one kernel.
    #[must_use]
    pub fn races_of(mut self, kernel: impl Into<String>, strategy: RaceStrategy) -> Self {
        self.settings.device.races.loops.push((kernel.into(), strategy));
        self
    }

    /// Whether a device may make one operation, which rounds once, of a multiplication and an addition.
    #[must_use]
    pub fn contract(mut self, contract: bool) -> Self {
        self.settings.device.contract = contract;
        self
    }

    /// Whether messages between ranks go straight out of the device's memory and into it, and not
    /// through memory of the host. By default they do where MPI says that it can (Open MPI tells). `true` is
    /// for another MPI that can; one that cannot ends the program at the first message.
    #[must_use]
    pub fn direct_messages(mut self, direct: bool) -> Self {
        self.settings.device.direct_messages = Some(direct);
        self
    }

    /// A folder into which the source of every device program is written.
    #[must_use]
    pub fn dump_source(mut self, folder: impl Into<PathBuf>) -> Self {
        self.settings.device.dump = Some(folder.into());
        self
    }

    /// Which ranks share the work (default: none but this program, also where `mpirun` started it: its ranks
    /// are in [`Context::builder_from_env`]).
    #[must_use]
    pub fn comm(mut self, comm: Arc<dyn Comm>) -> Self {
        self.comm = Some(comm);
        self
    }

    /// Starts the context. Collective.
    ///
    /// # Errors
    /// No threads asked for, instructions that the machine lacks, a backend that is not built in, no
    /// such device; those of the ranks.
    pub fn build(self) -> Result<Context> {
        let device = open(&self.settings)?;
        match self.comm {
            Some(comm) => op2_core::context::Context::on_ranks(self.settings, device, &*comm),
            None => op2_core::context::Context::new(self.settings, device),
        }
        .map(Context)
    }
}

/// The ranks that a launcher has started, if it has.
fn launched() -> Result<Option<Arc<dyn Comm>>> {
    let Some(ranks) = op2_core::dist::launch::launched() else { return Ok(None) };
    #[cfg(feature = "mpi")]
    {
        let world = op2_core::dist::mpi::world()?;
        if world.size() == ranks {
            return Ok(Some(world));
        }
        Err(Error::Settings(format!(
            "the program was started on {ranks} ranks, but MPI knows of {}: was it built with the MPI of another launcher?",
            world.size()
        )))
    }
    #[cfg(not(feature = "mpi"))]
    Err(Error::Settings(format!(
        "the program was started on {ranks} ranks, and built without MPI: enable the feature `mpi` of op2"
    )))
}

/// The device that the settings ask for, if it is one of another package.
#[cfg_attr(
    not(any(feature = "opencl", feature = "cuda")),
    allow(clippy::unnecessary_wraps, reason = "without devices nothing can fail")
)]
fn open(settings: &Settings) -> Result<Option<Box<dyn Device>>> {
    match settings.backend {
        #[cfg(feature = "opencl")]
        Backend::OpenCl => {
            op2_opencl::open(&options(settings, settings.device.opencl.clone())).map(Some)
        }
        #[cfg(feature = "cuda")]
        Backend::Cuda => op2_cuda::open(&options(settings, settings.device.cuda.clone())).map(Some),
        _ => Ok(None),
    }
}

#[cfg(any(feature = "opencl", feature = "cuda"))]
fn options(settings: &Settings, device: Option<String>) -> op2_core::device::api::Options {
    let (shipped, cache) = (settings.device.shipped.clone(), settings.device.cache.clone());
    op2_core::device::api::Options { device, contract: settings.device.contract, shipped, cache }
}

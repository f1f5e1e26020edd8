//! The one object that a program holds. There are no globals: two contexts with different settings
//! live side by side.

use std::sync::Arc;

use crate::base::comm::Comm;
use crate::base::config::{Settings, SimdLevel};
use crate::base::element::Element;
use crate::base::error::{Error, Result};
use crate::base::layout::Layout;
use crate::device::api::Device;
use crate::device::transfers::Transfers;
use crate::dist::partition::{Partition, Quality};
use crate::exec::engine::Engine;
use crate::exec::ranks::Traffic;
use crate::exec::ranks::places::quality_of_one;
use crate::exec::ranks::vectors::Vectors;
use crate::matrix::by_users::sum_by_users;
use crate::matrix::entry::Entry;
use crate::matrix::mat::Mat;
use crate::matrix::neighbors::ask_neighbors;
use crate::matrix::product::compute_elsewhere;
use crate::matrix::sparsity::Sparsity;
use crate::mesh::dat::Dat;
use crate::mesh::global::{Global, Reduction};
use crate::mesh::home::{Home, waiting_allowed};
use crate::mesh::map::Map;
use crate::mesh::reorder::{Reorder, Reordered, reorder};
use crate::mesh::set::{Set, SetMarker};
use crate::mesh::subset::Subset;

/// Declares data, owns threads, plans and counters. Cheap to clone; a clone is the same context.
///
/// ```
/// # use op2_core::context::Context;
/// # use op2_core::base::config::{Backend, Settings};
/// let cx = Context::new(Settings { backend: Backend::Seq, ..Settings::default() }, None)?;
/// assert_eq!(cx.threads(), 1);
/// # Ok::<(), op2_core::base::error::Error>(())
/// ```
#[derive(Clone)]
pub struct Context {
    home: Arc<Home>,
    layout: Layout,
}

impl Context {
    /// Starts a context. Where the settings ask for a device of another package, it comes with them.
    ///
    /// # Errors
    /// No threads asked for, instructions that the machine lacks, no device.
    pub fn new(settings: Settings, device: Option<Box<dyn Device>>) -> Result<Self> {
        Self::start(settings, device, None)
    }

    /// Starts a context on one of several ranks. Its messages are its own: it does not disturb other
    /// contexts of the same ranks. Collective.
    ///
    /// # Errors
    /// As [`new`](Self::new); those of the ranks.
    pub fn on_ranks(
        settings: Settings,
        device: Option<Box<dyn Device>>,
        comm: &dyn Comm,
    ) -> Result<Self> {
        Self::start(settings, device, Some(comm.duplicate()?))
    }

    fn start(
        settings: Settings,
        device: Option<Box<dyn Device>>,
        comm: Option<Arc<dyn Comm>>,
    ) -> Result<Self> {
        let (layout, reproducible) = (settings.layout, settings.reproducible);
        let engine = Engine::on_ranks(settings, device, comm)?;
        let device = engine.device().cloned();
        let home = Home::new(Box::new(engine));
        if home.comm().is_some() {
            ask_neighbors(&home, Arc::new(Vectors));
        }
        if reproducible {
            sum_by_users(&home);
        }
        if let Some(device) = device {
            compute_elsewhere(&home, device);
        }
        Ok(Self { home, layout })
    }

    /// Declares a set of `size` elements, named after its marker.
    ///
    /// # Errors
    /// More than `u32::MAX - 1` elements.
    pub fn set<S: SetMarker>(&self, size: usize) -> Result<Set<S>> {
        Set::declare(&self.home, None, size)
    }

    /// Declares a set with a name of its own, for programs with several meshes.
    ///
    /// # Errors
    /// More than `u32::MAX - 1` elements.
    pub fn set_named<S: SetMarker>(&self, name: &str, size: usize) -> Result<Set<S>> {
        Set::declare(&self.home, Some(name), size)
    }

    /// Declares part of a set by its elements, in any order; duplicates count once.
    ///
    /// # Errors
    /// An element outside the set, a set of another context.
    pub fn subset<S>(
        &self,
        name: &str,
        set: &Set<S>,
        indices: impl AsRef<[u32]>,
    ) -> Result<Subset<S>> {
        self.owns("subset", name, set)?;
        Subset::declare(set, name, indices.as_ref())
    }

    /// Declares a map: for each element of `from`, `ARITY` elements of `to`, numbered from 0.
    ///
    /// # Errors
    /// Wrong number of rows, an entry outside `to` (named by row, entry and value), a taken name, a
    /// set of another context.
    pub fn map<F, T, const ARITY: usize>(
        &self,
        name: &str,
        from: &Set<F>,
        to: &Set<T>,
        table: impl AsRef<[[u32; ARITY]]>,
    ) -> Result<Map<F, T, ARITY>> {
        self.owns("map", name, from)?;
        self.owns("map", name, to)?;
        let table = table.as_ref();
        self.run(|| Map::declare(name, from, to, table))
    }

    /// Declares a dat with its first values, one per element.
    ///
    /// # Errors
    /// Wrong number of values, a taken name, a set of another context, not enough memory.
    pub fn dat<S, T: Element>(
        &self,
        name: &str,
        set: &Set<S>,
        values: impl AsRef<[T]>,
    ) -> Result<Dat<S, T>> {
        self.dat_in(name, set, values, self.layout)
    }

    /// Declares a dat of zeros.
    ///
    /// # Errors
    /// As [`dat`](Self::dat).
    pub fn dat_zeros<S, T: Element>(&self, name: &str, set: &Set<S>) -> Result<Dat<S, T>> {
        self.owns("dat", name, set)?;
        self.run(|| Dat::declare(name, set, None, self.layout))
    }

    /// Declares a dat with a layout of its own.
    ///
    /// # Errors
    /// As [`dat`](Self::dat).
    pub fn dat_in<S, T: Element>(
        &self,
        name: &str,
        set: &Set<S>,
        values: impl AsRef<[T]>,
        layout: Layout,
    ) -> Result<Dat<S, T>> {
        self.owns("dat", name, set)?;
        let values = values.as_ref();
        self.run(|| Dat::declare(name, set, Some(values), layout))
    }

    /// Declares a matrix of zeros with the entries of a sparsity.
    ///
    /// `T` is a number, or for vector spaces a block `[[S; C]; R]`, which couples the `R` components
    /// of a row to the `C` components of a column.
    ///
    /// # Errors
    /// A taken name, a sparsity of another context or from before a renumbering, not enough memory.
    pub fn mat<R, C, T: Entry>(
        &self,
        name: &str,
        sparsity: &Sparsity<R, C>,
    ) -> Result<Mat<R, C, T>> {
        if sparsity.core().rows.home.id() != self.home.id() {
            let reason = format!("{sparsity:?} belongs to another context");
            return Err(Error::declaration("mat", name, reason));
        }
        Mat::declare(name, sparsity)
    }

    /// Declares one value that loops read or reduce into.
    pub fn global<T: Element>(&self, name: &str, value: T) -> Global<T> {
        Global::declare(&self.home, name, value)
    }

    /// Declares a reduction handle: a sum, minimum or maximum that starts anew when it is read.
    pub fn reduction<T: Element>(&self, name: &str) -> Reduction<T> {
        Reduction::declare(&self.home, name)
    }

    /// Runs `f` on one of the context's threads, where starting a loop costs less: worth it around
    /// the time loop of a program.
    ///
    /// The threads serve one caller at a time: until `f` is done, loops that other threads start
    /// run on those threads alone, with the same results. `f` itself starts loops and touches data;
    /// tasks that it hands to other threads of the pool (`rayon::join`) get an error.
    pub fn run<R: Send>(&self, f: impl FnOnce() -> R + Send) -> R {
        let engine = self.engine();
        if engine.serves_here() {
            return f();
        }
        engine.on_threads(|inside| if inside { waiting_allowed(f) } else { f() })
    }

    /// Renumbers sets so that neighbors lie close in memory, and moves all maps, dats and subsets
    /// along; on several ranks, what each has (after [`partition`](Self::partition)). Collective. Results are still read and written in the user's numbering.
    ///
    /// # Errors
    /// A guard on a dat that would move, data of another context; nothing is changed then.
    pub fn reorder(&self, request: &Reorder) -> Result<Reordered> {
        let done = match &self.engine().ranks {
            Some(ranks) => ranks.reorder(&self.home, request)?,
            None => reorder(&self.home, request)?,
        };
        self.engine().renumbered();
        Ok(done)
    }

    /// Shares the sets among the ranks: one as `request` says, the others through the maps that
    /// connect them. Maps, dats and subsets move along; what is read and written stays in the user's
    /// numbering. Without it, ranks have equal blocks. Declare all sets and maps before, and make
    /// sparsities and matrices after. Collective; on one rank nothing happens.
    ///
    /// # Errors
    /// Data of another context; what the partition's method cannot do; those of the ranks.
    pub fn partition(&self, request: &Partition) -> Result<Quality> {
        let Some(ranks) = &self.engine().ranks else { return quality_of_one(&self.home, request) };
        let quality = ranks.partition(&self.home, request)?;
        self.engine().renumbered();
        Ok(quality)
    }

    /// How many ranks run the program, each with a part of every set.
    pub fn ranks(&self) -> usize {
        self.home.ranks().0
    }

    /// Which rank this is, from 0.
    pub fn rank(&self) -> usize {
        self.home.ranks().1
    }

    /// What this rank has sent to others so far; all zero on one rank.
    pub fn traffic(&self) -> Traffic {
        self.engine().ranks.as_ref().map(|ranks| ranks.traffic.now()).unwrap_or_default()
    }

    /// Sets all counters of the report to zero.
    pub fn reset_report(&self) {
        // Times that are not known yet belong to what is forgotten; what failed is said by what waits next.
        self.engine().settle().ok();
        self.engine().profile.reset();
        if let Some(ranks) = &self.engine().ranks {
            ranks.traffic.reset();
        }
    }

    /// Copies of values between host and device so far; `None` where loops run on the host.
    ///
    /// Values move when loops, products or the program touch them where they are not. What reductions
    /// bring back, and tables of maps and patterns, which go to the device once, do not count.
    pub fn transfers(&self) -> Option<Transfers> {
        self.engine().device().map(|device| device.transfers())
    }

    /// How many threads run a loop.
    pub fn threads(&self) -> usize {
        self.engine().threads()
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.engine().settings
    }

    /// The vector instructions in use.
    pub fn simd(&self) -> SimdLevel {
        self.engine().simd
    }

    /// The machinery, for the floors above.
    #[doc(hidden)]
    pub fn engine(&self) -> &Engine {
        self.home.engine()
    }

    /// What all handles of this context share.
    #[doc(hidden)]
    pub fn home(&self) -> &Arc<Home> {
        &self.home
    }

    fn owns<S>(&self, what: &'static str, name: &str, set: &Set<S>) -> Result<()> {
        if set.core().home.id() == self.home.id() {
            return Ok(());
        }
        let reason = format!("{:?} belongs to another context", set.core());
        Err(Error::declaration(what, name, reason))
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Settings { backend, .. } = self.settings();
        write!(f, "context of {} threads on {backend}, {}", self.threads(), self.simd())
    }
}

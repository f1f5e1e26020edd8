//! A target: who runs the loops, and what it promises.
//!
//! Tests ask a target for contexts and know nothing else of it, so that a new target is one file of
//! a few lines. Which targets exist is left to those files.

use std::io::Write;

use op2::{AutoPartition, Backend, Context, ContextBuilder, Layout, SimdLevel};

/// Makes contexts of one kind.
#[derive(Clone, Debug)]
pub struct Target {
    name: &'static str,
    builder: ContextBuilder,
    promise: Promise,
    needs: Needs,
    ranks: Ranks,
}

/// Who shares the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ranks {
    /// So many threads; one does without messages.
    Threads(usize),
    /// The processes that were started side by side.
    #[cfg(feature = "mpi")]
    Processes,
}

/// What a target needs of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    Nothing,
    Instructions(SimdLevel),
    /// A device that its backend finds; required where this variable is set.
    Device(&'static str),
}

/// What a target promises beyond the right answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// Elements run one at a time in their natural order: the bits of a plain loop.
    PlainLoop,
    /// Sums of floating-point numbers may differ in their last bits from run to run.
    Varies,
    /// The same bits on every run and for any number of threads.
    SameBits,
    /// As `SameBits`, and mistakes that others let pass are found. Slow.
    FindsMistakes,
}

impl Target {
    /// A target of any kind. `name` is for messages.
    pub fn new(name: &'static str, builder: ContextBuilder, promise: Promise) -> Self {
        Self { name, builder, promise, needs: Needs::Nothing, ranks: Ranks::Threads(1) }
    }

    /// The reference: one element at a time, in natural order.
    pub fn scalar() -> Self {
        let builder = Context::builder().backend(Backend::Seq).simd(SimdLevel::Scalar);
        Self::new("scalar", builder, Promise::PlainLoop)
    }

    /// The calling thread, with the best instructions of the machine.
    pub fn seq() -> Self {
        Self::new("seq", Context::builder().backend(Backend::Seq), Promise::SameBits)
    }

    /// A pool of threads.
    pub fn rayon(threads: usize) -> Self {
        let builder = Context::builder().backend(Backend::Rayon).threads(threads);
        Self::new("rayon", builder, Promise::SameBits)
    }

    /// The checked mode, on two threads.
    pub fn checked() -> Self {
        let builder = Self::rayon(2).builder.checked(true);
        Self::new("checked", builder, Promise::FindsMistakes)
    }

    /// One kind of vector instructions, on two threads; the machine may lack them.
    pub fn simd(level: SimdLevel) -> Self {
        let builder = Self::rayon(2).builder.simd(level);
        Self { needs: Needs::Instructions(level), ..Self::new("simd", builder, Promise::SameBits) }
    }

    /// All dats as structures of arrays, on two threads.
    pub fn soa() -> Self {
        let builder = Self::rayon(2).builder.layout(Layout::Soa);
        Self::new("soa", builder, Promise::SameBits)
    }

    /// A device in the memory of the host that finds mistakes.
    pub fn memcheck() -> Self {
        let mut builder = Context::builder().backend(Backend::Memcheck);
        // For whoever wants to see what compilers of devices say to the sources of all loops.
        if let Some(folder) = std::env::var_os("DUMP_SOURCES") {
            builder = builder.dump_source(folder);
        }
        Self::new("memcheck", builder, Promise::FindsMistakes)
    }

    /// An OpenCL device, with dats and races as the settings have them.
    pub fn opencl(change: impl FnOnce(ContextBuilder) -> ContextBuilder) -> Self {
        let builder = change(Context::builder().backend(Backend::OpenCl));
        let needs = Needs::Device("REQUIRE_OPENCL");
        Self { needs, ..Self::new("opencl", builder, Promise::SameBits) }
    }

    /// An NVIDIA GPU, with dats and races as the settings have them.
    pub fn cuda(change: impl FnOnce(ContextBuilder) -> ContextBuilder) -> Self {
        let builder = change(Context::builder().backend(Backend::Cuda));
        let needs = Needs::Device("REQUIRE_GPU");
        Self { needs, ..Self::new("cuda", builder, Promise::SameBits) }
    }

    /// The same target on several ranks, each a thread.
    #[must_use]
    pub fn on_ranks(self, ranks: usize) -> Self {
        Self { ranks: Ranks::Threads(ranks), ..self }
    }

    /// The same target on the processes that `mpirun` has started side by side, or on this one alone.
    #[cfg(feature = "mpi")]
    #[must_use]
    pub fn on_processes(self) -> Self {
        Self { ranks: Ranks::Processes, ..self }
    }

    /// The same target, with elements anywhere on its ranks, without regard to neighbors.
    #[must_use]
    pub fn scattered(self) -> Self {
        Self { builder: self.builder.partition(AutoPartition::Scattered), ..self }
    }

    /// The same target, with parts of the graph of the largest map.
    #[must_use]
    pub fn by_graphs(self) -> Self {
        Self { builder: self.builder.partition(AutoPartition::Kway), ..self }
    }

    /// Runs a test, on every rank. Its name is for messages.
    ///
    /// # Panics
    /// The test fails, on any rank.
    pub fn run(&self, name: &str, test: fn(&Self)) {
        if !self.is_here() {
            return;
        }
        match self.ranks {
            Ranks::Threads(1) => test(self),
            Ranks::Threads(ranks) => {
                let on_rank = |comm| {
                    test(&Self { builder: self.builder().comm(comm), ..self.clone() });
                    Ok(())
                };
                op2::ranks(ranks, on_rank).unwrap_or_else(|error| panic!("{name}: {error}"));
            }
            #[cfg(feature = "mpi")]
            Ranks::Processes => {
                let comm = crate::processes::world();
                let here = Self { builder: self.builder().comm(comm), ..self.clone() };
                crate::processes::run(name, || test(&here));
            }
        }
    }

    /// The same target, that does not promise the bits of floating-point sums.
    #[must_use]
    pub fn varying(self) -> Self {
        Self { promise: Promise::Varies, ..self }
    }

    /// Whether the tests can run here; says why not.
    pub fn is_here(&self) -> bool {
        let missing = match self.needs {
            Needs::Nothing => None,
            Needs::Instructions(level) => {
                (!level.is_supported()).then(|| format!("this machine has no {level} instructions"))
            }
            Needs::Device(required) if std::env::var_os(required).is_some() => None,
            Needs::Device(_) => self.builder().build().err().map(|error| error.to_string()),
        };
        let Some(missing) = missing else { return true };
        // Aloud: the test harness swallows what `println!` says in a test that passes.
        let line = format!("skipped: {missing}\n");
        std::io::stderr().write_all(line.as_bytes()).expect("the standard error is open");
        false
    }

    /// A new context.
    ///
    /// # Panics
    /// When it cannot be made: the test fails.
    pub fn context(&self) -> Context {
        self.builder().build().unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// The settings of this target's contexts, to be changed further.
    pub fn builder(&self) -> ContextBuilder {
        self.builder.clone()
    }

    /// What the target promises.
    pub fn promise(&self) -> Promise {
        self.promise
    }

    /// How many ranks share the work.
    pub fn ranks(&self) -> usize {
        match self.ranks {
            Ranks::Threads(ranks) => ranks,
            #[cfg(feature = "mpi")]
            Ranks::Processes => crate::processes::world().size(),
        }
    }

    /// Whether kernels are Rust while they run: they may panic.
    pub fn runs_rust(&self) -> bool {
        !matches!(self.needs, Needs::Device(_))
    }

    /// Whether loops run in a memory of their own.
    pub fn has_device(&self) -> bool {
        self.context().settings().backend.is_device()
    }

    /// Whether loops give the bits of a plain loop in natural order.
    pub fn is_plain_loop(&self) -> bool {
        self.promise == Promise::PlainLoop
    }

    /// Whether sums of floating-point numbers have the same bits on every run.
    pub fn keeps_bits(&self) -> bool {
        self.promise != Promise::Varies
    }

    /// Whether mistakes that others let pass are found.
    pub fn finds_mistakes(&self) -> bool {
        self.promise == Promise::FindsMistakes
    }

    /// Whether `found` is what a plain loop gives: its bits where they are promised, else the
    /// number but for rounding, relative to `size`.
    pub fn agrees(&self, found: f64, plain: f64, size: f64) -> bool {
        let same_bits = found.to_bits() == plain.to_bits();
        same_bits || (!self.is_plain_loop() && (found - plain).abs() <= 1e-11 * size.abs())
    }
}

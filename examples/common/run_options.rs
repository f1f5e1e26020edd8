//! The options that all programs have: who runs the loops, and where results go.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use op2::comm::Comm;
use op2::{Backend, Context, ContextBuilder};

use super::given::Given;

/// Help on the options that say how to run, for the section `Run`.
pub(crate) const RUN_HELP: &str = "  \
  --backend NAME      seq, rayon; memcheck, opencl or cuda for devices
                                                    [as OP2_BACKEND says]
  --threads N         number of threads             [as OP2_THREADS says]
  --ranks N           share the mesh among N ranks, here threads; or start
                      the program with mpirun                          [1]
";

/// Help on the options that end the section `Results`, after `--png` and `--vtu`, of which each
/// program says what they show.
pub(crate) const JSON_HELP: &str = "  \
  --json FILE         write results and times as JSON; - is standard output
  -h, --help          print this
";

/// What the user asks of any program.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct RunOptions {
    /// `None` leaves the choice to the environment.
    pub(crate) backend: Option<Backend>,
    /// `None` leaves the choice to the environment.
    pub(crate) threads: Option<usize>,
    /// Ranks that are threads of this process.
    pub(crate) ranks: Option<usize>,
    /// The rank that this run is, where there are such.
    pub(crate) rank: Rank,
    pub(crate) png: Option<PathBuf>,
    pub(crate) vtu: Option<PathBuf>,
    pub(crate) json: Option<JsonTarget>,
}

/// One of several ranks, if any.
#[derive(Clone, Default)]
pub(crate) struct Rank(pub(crate) Option<Arc<dyn Comm>>);

impl fmt::Debug for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0.as_ref().map(|comm| comm.rank()))
    }
}

impl PartialEq for Rank {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_ref().map(|comm| comm.rank()) == other.0.as_ref().map(|comm| comm.rank())
    }
}

/// Where the JSON goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum JsonTarget {
    Stdout,
    File(PathBuf),
}

impl JsonTarget {
    fn new(path: PathBuf) -> Self {
        if path.as_os_str() == "-" { Self::Stdout } else { Self::File(path) }
    }
}

impl RunOptions {
    /// Takes one of these options; `false` for any other.
    ///
    /// # Errors
    /// A wrong value.
    pub(super) fn take(&mut self, option: &mut Given) -> Result<bool, String> {
        match option.name() {
            "backend" => self.backend = Some(option.chosen()?),
            "threads" => self.threads = Some(option.number(1)?),
            "ranks" => self.ranks = Some(option.number(1)?),
            "png" => self.png = Some(option.path()?),
            "vtu" => self.vtu = Some(option.path()?),
            "json" => self.json = Some(JsonTarget::new(option.path()?)),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Refuses options that contradict each other.
    pub(super) fn check(&self) -> Result<(), String> {
        match (self.backend, self.threads) {
            (Some(Backend::Seq), Some(threads)) if threads > 1 => {
                Err(format!("`--backend seq` runs on one thread, not {threads}; use rayon"))
            }
            _ => Ok(()),
        }
    }

    /// The environment's settings, changed by the command line.
    ///
    /// # Errors
    /// Settings in the environment that are not valid.
    pub(crate) fn context(&self) -> op2::Result<ContextBuilder> {
        let mut builder = Context::builder_from_env()?;
        if let Some(backend) = self.backend {
            builder = builder.backend(backend);
        }
        if let Some(threads) = self.threads {
            builder = builder.threads(threads);
        }
        if let Some(comm) = &self.rank.0 {
            builder = builder.comm(comm.clone());
        }
        Ok(builder)
    }
}

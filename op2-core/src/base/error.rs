//! What can go wrong, in the words of the mesh.

use std::fmt;

use crate::base::convergence::SolveReport;

/// The result of everything that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Where a loop stands in the user's source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Site {
    /// Source file, as the compiler names it.
    pub file: &'static str,
    /// Line, from 1.
    pub line: u32,
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Anything op2 refuses to do, and why.
///
/// `Debug` prints the same sentences as `Display`, so that `fn main() -> op2::Result<()>` ends
/// with a readable message.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Wrong settings: an environment variable or a builder call.
    #[error("{0}")]
    Settings(String),
    /// A set, map, dat, subset or constant that cannot be declared as asked.
    #[error("{what} `{name}`: {reason}")]
    Declaration {
        /// `set`, `map`, `dat`, ...
        what: &'static str,
        /// The name given by the user.
        name: String,
        /// What is wrong, with the offending row, entry and value.
        reason: String,
    },
    /// Data that is in use elsewhere.
    #[error("{what} `{name}`: {reason}")]
    InUse {
        /// `dat`, `global`, ...
        what: &'static str,
        /// The name given by the user.
        name: String,
        /// Who uses it.
        reason: String,
    },
    /// A loop whose arguments break rules; nothing was run.
    #[error("{}", loop_text(.name, *.site, .violations))]
    Loop {
        /// The kernel's name.
        name: &'static str,
        /// Where the loop is written.
        site: Site,
        /// Every broken rule, not only the first.
        violations: Vec<Violation>,
    },
    /// A kernel panicked while running; the data that the loop writes is in an unknown state.
    #[error("loop `{name}` ({site}): the kernel panicked: {message}")]
    KernelPanicked {
        /// The kernel's name.
        name: &'static str,
        /// Where the loop is written.
        site: Site,
        /// The panic's message, with the element where it is known.
        message: String,
    },
    /// A file that could not be read or written.
    #[error("{0}")]
    File(String),
    /// Not enough memory.
    #[error("out of memory: {bytes} bytes for {what}")]
    OutOfMemory {
        /// What the memory was for.
        what: String,
        /// How much was asked for.
        bytes: usize,
    },
    /// A device that cannot do what is asked of it, or has failed.
    #[error("{what} on {device}: {reason}")]
    Device {
        /// The loop, the dat, ...
        what: String,
        /// The device's name.
        device: String,
        /// What is wrong.
        reason: String,
    },
    /// A rank that has ended, failed or does something else than the others.
    #[error("rank {rank}: {reason}")]
    Rank {
        /// Its number.
        rank: usize,
        /// What happened there.
        reason: String,
    },
    /// An iterative solver gave up. The vector that was to become the solution holds the last iterate.
    #[error("{0}")]
    NotConverged(Box<SolveReport>),
    /// A program's own error, so that `?` works in `fn main() -> op2::Result<()>`.
    #[error("{0}")]
    Other(String),
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        last::keep(self);
        fmt::Display::fmt(self, f)
    }
}

/// The last error that was shown by `Debug`, which is how `main` shows the one that it returns, or noted: a
/// process that ends because of it can tell others.
pub(crate) mod last {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Mutex, PoisonError};

    use super::Error;

    static WANTED: AtomicBool = AtomicBool::new(false);
    static LAST: Mutex<Option<Last>> = Mutex::new(None);

    /// An error, in words.
    #[derive(Clone, Debug)]
    #[cfg_attr(not(feature = "mpi"), expect(dead_code, reason = "for processes"))]
    pub(crate) struct Last {
        pub(crate) text: String,
        /// The rank where it happened, if it says so.
        pub(crate) of_rank: Option<usize>,
    }

    /// From now on they are kept.
    #[cfg_attr(not(feature = "mpi"), expect(dead_code, reason = "for processes"))]
    pub(crate) fn want() {
        WANTED.store(true, Ordering::Relaxed);
    }

    /// Keeps this one, if anybody wants it.
    pub(crate) fn keep(error: &Error) {
        if WANTED.load(Ordering::Relaxed) {
            let of_rank = if let Error::Rank { rank, .. } = error { Some(*rank) } else { None };
            let last = Last { text: error.to_string(), of_rank };
            *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some(last);
        }
    }

    /// The last one. `None`, too, if one is just being kept: a process that ends waits for nobody.
    #[cfg_attr(not(feature = "mpi"), expect(dead_code, reason = "for processes"))]
    pub(crate) fn get() -> Option<Last> {
        LAST.try_lock().ok()?.clone()
    }
}

impl Error {
    /// A program's own error.
    pub fn other(reason: impl fmt::Display) -> Self {
        Self::Other(reason.to_string())
    }

    pub(crate) fn declaration(
        what: &'static str,
        name: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        Self::Declaration { what, name: name.into(), reason: reason.into() }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::File(error.to_string())
    }
}

/// One broken rule of a loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which argument, from 1, and its text; `None` when the loop as a whole is at fault.
    pub argument: Option<(usize, &'static str)>,
    /// The rule and how it is broken.
    pub reason: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.argument {
            Some((position, text)) => {
                write!(f, "argument {position} `{text}`: {}", self.reason)
            }
            None => f.write_str(&self.reason),
        }
    }
}

fn loop_text(name: &str, site: Site, violations: &[Violation]) -> String {
    let head = format!("loop `{name}` ({site})");
    match violations {
        [only] => format!("{head}, {only}"),
        many => many.iter().fold(head, |text, violation| format!("{text}\n  {violation}")),
    }
}

//! What a device must be able to do: keep bytes, and compile and run programs.
//!
//! A device knows nothing of meshes. Whoever has one of the usual kind implements [`Device`] and
//! [`Compiler`]; all else (which bytes are where, what the programs say) is decided above.

use std::any::Any;
use std::fmt;
use std::path::PathBuf;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::layout::Layout;
use crate::base::room::MemoryKind;
use crate::kernel::source::Dialect;

/// What went wrong on a device.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The device has no room.
    #[error("out of memory: {bytes} bytes")]
    OutOfMemory {
        /// How much was asked for.
        bytes: usize,
    },
    /// A program that its compiler does not take.
    #[error("the program was not compiled:\n{log}")]
    NotCompiled {
        /// What the compiler says.
        log: String,
    },
    /// A loop that needs more of something than the device has.
    #[error("{0}")]
    TooBig(String),
    /// Anything else that its driver says.
    #[error("{0}")]
    Driver(String),
}

/// What a device is like; the same from its first use to its last.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// As its maker calls it.
    pub name: String,
    /// How programs for it are written.
    pub dialect: Dialect,
    /// Whether it computes with `f64`.
    pub doubles: bool,
    /// What it can change in one piece while others look.
    pub atomics: Atomics,
    /// Bytes of memory that the work-items of one group share.
    pub local_bytes: usize,
    /// Work-items of a group, at most.
    pub max_group: usize,
    /// Work-items of a group where nothing asks for another number.
    pub usual_group: usize,
    /// Bytes of memory.
    pub memory_bytes: u64,
    /// How dats lie there unless the settings say otherwise.
    pub layout: Layout,
}

/// What a device can change in one piece while others look. Integers and numbers of 32 bits: all can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Atomics {
    /// Compares and swaps 64 bits; from this all others can be made.
    pub swap_64: bool,
    /// Adds `f32` and `f64` by itself.
    pub native_add: bool,
}

/// Memory of a device, freed when dropped.
pub trait Memory: Any + Send + Sync {
    /// How many bytes.
    fn bytes(&self) -> usize;
}

/// A compiled program, freed when dropped.
pub trait Program: Any + Send + Sync {}

/// When a launch began and ended.
pub trait Event: Send {
    /// Seconds that the device has worked; `None` where it was not measured. Waits until it is done.
    fn seconds(&self) -> Option<f64>;
}

/// A second memory. All that is asked of it happens in the order of asking.
pub trait Device: Send + Sync {
    /// What it is like.
    fn facts(&self) -> &Facts;

    /// New memory, whose bytes are anything.
    ///
    /// # Errors
    /// There is not that much.
    fn allocate(&self, bytes: usize) -> Result<Box<dyn Memory>, Fault>;

    /// Copies bytes into memory of this device, from `offset` on. They may change once this has returned.
    ///
    /// # Errors
    /// The driver's.
    ///
    /// # Panics
    /// They do not fit.
    fn upload(&self, memory: &dyn Memory, offset: usize, bytes: &[u8]) -> Result<(), Fault>;

    /// Copies bytes of memory of this device, from `offset` on, having waited for all that changes them.
    ///
    /// # Errors
    /// The driver's, those of launches among them.
    ///
    /// # Panics
    /// There are not so many.
    fn download(&self, memory: &dyn Memory, offset: usize, into: &mut [u8]) -> Result<(), Fault>;

    /// Sets all bytes to zero.
    ///
    /// # Errors
    /// The driver's.
    fn clear(&self, memory: &dyn Memory) -> Result<(), Fault>;

    /// Copies the first `bytes` bytes from memory to memory of this device.
    ///
    /// # Errors
    /// The driver's.
    ///
    /// # Panics
    /// One of them is smaller.
    fn copy(&self, from: &dyn Memory, to: &dyn Memory, bytes: usize) -> Result<(), Fault>;

    /// Waits until all is done.
    ///
    /// # Errors
    /// The driver's, those of launches among them.
    fn finish(&self) -> Result<(), Fault>;

    /// What the memory holds is no longer valid: a device that looks for mistakes spoils it.
    fn forget(&self, _memory: &dyn Memory) {}

    /// How others use its memory by addresses; `None` where they cannot.
    fn addressed(&self) -> Option<&dyn Addressed> {
        None
    }

    /// How loops are run there.
    fn runner(&self) -> Runner<'_>;
}

/// A device whose memory others may use by its address.
///
/// # Safety
/// From the address on, a multiple of 8, there are as many bytes as the memory has, as long as it lives, for
/// whoever knows memory of this kind.
pub unsafe trait Addressed {
    /// Who that is.
    fn kind(&self) -> MemoryKind;

    /// Where memory of this device starts.
    ///
    /// # Panics
    /// It is of another device, or has no bytes.
    fn address(&self, memory: &dyn Memory) -> NonNull<u8>;

    /// Lets this thread use addresses of this device, in what it calls next.
    ///
    /// # Errors
    /// The driver's.
    fn enter(&self) -> Result<(), Fault>;
}

/// How a device runs loops.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Runner<'a> {
    /// It compiles programs.
    Compiler(&'a dyn Compiler),
    /// It stands in for a device: its memory is the host's, and the Rust code of loops runs there.
    Memcheck,
}

/// Compiles and runs programs.
pub trait Compiler: Send + Sync {
    /// Compiles a program, or finds it in a store on disk.
    ///
    /// # Errors
    /// The program is refused.
    fn compile(&self, source: &Source<'_>) -> Result<Box<dyn Program>, Fault>;

    /// Work-items of each group that suit a compiled program which runs with any number of them, up to `most`;
    /// `usual` where the device knows of nothing better.
    fn best_group(&self, _program: &dyn Program, usual: usize, _most: usize) -> usize {
        usual
    }

    /// Starts a program; returns at once. There is an event where `timed`.
    ///
    /// # Errors
    /// The driver's. What goes wrong while it runs is said by later calls.
    ///
    /// # Safety
    /// The arguments are those that the program declares, in number, kind and order, and the program
    /// stays inside the memory that it is given.
    unsafe fn launch(
        &self,
        program: &dyn Program,
        launch: &Launch<'_>,
    ) -> Result<Option<Box<dyn Event>>, Fault>;
}

/// A program to compile. It has one entry.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Of the loop, for messages and names of files.
    pub name: &'a str,
    /// The function to start.
    pub entry: &'a str,
    /// The text.
    pub text: &'a str,
    /// Work-items of each group; the usual number, where the program runs with others, too.
    pub group: usize,
}

/// How to start a program.
#[derive(Clone, Copy)]
pub struct Launch<'a> {
    /// How many groups.
    pub groups: usize,
    /// Work-items of each.
    pub group: usize,
    /// In order.
    pub arguments: &'a [Argument<'a>],
    /// Whether an event is wanted.
    pub timed: bool,
}

/// An argument of a program.
#[derive(Clone, Copy)]
pub enum Argument<'a> {
    /// The address of memory.
    Memory(&'a dyn Memory),
    /// The null address.
    Nothing,
    /// A number.
    U32(u32),
}

impl fmt::Debug for dyn Device + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "device {}", self.facts().name)
    }
}

/// The program that a device has started last. Drivers complain of it late, in whatever is asked of them next.
#[derive(Debug, Default)]
pub struct LastStarted(Mutex<Option<Arc<str>>>);

impl LastStarted {
    /// Remembers the program of a loop, once it is on its way.
    pub fn set(&self, name: &Arc<str>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(name));
    }

    /// What was being done when a driver complained of a program; the same words where none was started.
    pub fn after(&self, doing: &str) -> String {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(name) => format!("{doing}, after loop `{name}` was started there"),
            None => doing.to_owned(),
        }
    }
}

/// What a program may choose of a device when it opens it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Options {
    /// Which of several: its number from 0, or a part of its name in any case; else the first good one.
    pub device: Option<String>,
    /// Whether a multiplication and an addition may become one operation that rounds once: faster
    /// where arithmetic is the limit, and then the last bits are not those of the host.
    pub contract: bool,
    /// A folder of compiled programs that was shipped with the program; looked into first.
    pub shipped: Option<PathBuf>,
    /// A folder where compiled programs are kept from run to run; `None` for the user's cache folder.
    pub cache: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_complaint_names_the_program_that_was_started_last() {
        let last = LastStarted::default();
        assert_eq!(last.after("copying"), "copying");
        last.set(&"flux".into());
        last.set(&"update".into());
        assert_eq!(last.after("copying"), "copying, after loop `update` was started there");
    }
}

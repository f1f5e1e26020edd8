//! What is asked of a CUDA driver, whatever package leads to it.
//!
//! An adapter is a thin layer: it calls, and gives the driver's code back. All that follows from an answer
//! (which pieces are copied, what is compiled, what an error means) is written once, on this trait.

use std::ffi::{CStr, c_void};
use std::fmt;
use std::ptr::NonNull;

/// A GPU, opened. Everything that is asked of one happens in the order of asking, on one stream.
///
/// # Safety
/// Implementations pass every call on to the driver, for the GPU that was opened, whichever thread calls.
pub(crate) unsafe trait Driver: Sized + Send + Sync + 'static {
    /// A loaded program with one entry; unloaded when dropped.
    type Module: Send + Sync + 'static;
    /// A point in the order of things that the GPU does.
    type Mark: Send + Sync + 'static;

    /// Whether there is a driver.
    fn present() -> bool;

    /// The GPUs that the driver shows; asked only where there is one.
    fn cards() -> Result<Vec<Card>, Failure>;

    /// Opens one, by its place among the cards.
    fn open(card: usize) -> Result<Self, Failure>;

    /// Makes this GPU the one that calls of this thread mean, also those of other libraries.
    fn enter(&self) -> Result<(), Failure>;

    /// New memory of at least one byte.
    fn allocate(&self, bytes: usize) -> Result<Address, Failure>;

    /// Gives memory back.
    ///
    /// # Safety
    /// It is from `allocate`, and nothing that is under way uses it.
    unsafe fn free(&self, memory: Address);

    /// Memory of the host that the GPU reaches by itself.
    fn pin(&self, bytes: usize) -> Result<NonNull<u8>, Failure>;

    /// Gives such memory back.
    ///
    /// # Safety
    /// It is from `pin`, and nothing that is under way uses it.
    unsafe fn unpin(&self, memory: NonNull<u8>);

    /// Starts a copy to the GPU.
    ///
    /// # Safety
    /// Both ends have that many bytes, and keep them until the copy is done.
    unsafe fn upload(&self, to: Address, from: *const u8, bytes: usize) -> Result<(), Failure>;

    /// Starts a copy from the GPU.
    ///
    /// # Safety
    /// Both ends have that many bytes, and keep them until the copy is done.
    unsafe fn download(&self, from: Address, to: *mut u8, bytes: usize) -> Result<(), Failure>;

    /// Starts a copy from memory of the GPU to memory of the GPU.
    ///
    /// # Safety
    /// Both ends have that many bytes.
    unsafe fn copy(&self, from: Address, to: Address, bytes: usize) -> Result<(), Failure>;

    /// Starts to set bytes to zero.
    ///
    /// # Safety
    /// There are that many.
    unsafe fn clear(&self, memory: Address, bytes: usize) -> Result<(), Failure>;

    /// Loads PTX; the driver makes machine code of it.
    fn load(&self, ptx: &CStr, entry: &CStr) -> Result<Self::Module, Failure>;

    /// What the driver made of a program that is to be started with groups of `group` work-items.
    fn attributes(&self, module: &Self::Module, group: u32) -> Result<Attributes, Failure>;

    /// Starts a program.
    ///
    /// # Safety
    /// Each argument points to a value of the kind that the program declares; the program stays inside the
    /// memory that it is given.
    unsafe fn launch(
        &self,
        module: &Self::Module,
        groups: u32,
        group: u32,
        arguments: &mut [*mut c_void],
    ) -> Result<(), Failure>;

    /// A new mark, with a clock if `timed`. One that was never set counts as reached.
    fn mark(&self, timed: bool) -> Result<Self::Mark, Failure>;

    /// Sets a mark behind all that was asked so far.
    fn set(&self, mark: &Self::Mark) -> Result<(), Failure>;

    /// Waits until the GPU has reached a mark.
    fn wait(&self, mark: &Self::Mark) -> Result<(), Failure>;

    /// Milliseconds between two marks with clocks, both reached.
    fn milliseconds(&self, begin: &Self::Mark, end: &Self::Mark) -> Result<f32, Failure>;

    /// Waits until all is done.
    fn finish(&self) -> Result<(), Failure>;
}

/// An address in the memory of a GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address(pub(crate) u64);

impl Address {
    /// The address so many bytes further on.
    pub(crate) fn after(self, bytes: usize) -> Self {
        Self(self.0 + bytes as u64)
    }
}

/// A GPU that the driver shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Card {
    /// As its maker calls it.
    pub(crate) name: String,
    /// The compute capability, times ten.
    pub(crate) arch: u32,
    /// Bytes of memory.
    pub(crate) memory_bytes: u64,
    /// Bytes that a group may share without asking for more.
    pub(crate) local_bytes: usize,
    /// Threads of a group, at most.
    pub(crate) max_group: usize,
    /// The administrator lets no program use it.
    pub(crate) prohibited: bool,
}

/// What the driver made of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// Registers of each work-item.
    pub registers: u32,
    /// Bytes of each work-item that found no place in registers.
    pub private_bytes: u32,
    /// Bytes that the work-items of a group share.
    pub local_bytes: u32,
    /// Work-items of a group, at most.
    pub max_group: u32,
    /// Groups of the size that the program was compiled for that one multiprocessor holds at once.
    pub resident_groups: u32,
}

/// The driver did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The driver's function.
    pub(crate) call: &'static str,
    /// Its answer.
    pub(crate) code: u32,
    /// What it says besides, if anything.
    pub(crate) log: String,
}

impl Failure {
    /// Nothing if the code is that of success.
    pub(crate) fn check(call: &'static str, code: u32) -> Result<(), Self> {
        if code == 0 { Ok(()) } else { Err(Self { call, code, log: String::new() }) }
    }

    /// Whether a program that ran has broken something, however late that is said.
    pub(crate) fn blames_program(&self) -> bool {
        let blaming = [code::ILLEGAL_ADDRESS, code::LAUNCH_TIMEOUT, code::LAUNCH_FAILED];
        blaming.contains(&self.code) || code::EXCEPTIONS.contains(&self.code)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match code_name(self.code) {
            Some(name) => write!(f, "{}: {name}", self.call)?,
            None => write!(f, "{}: CUDA error {}", self.call, self.code)?,
        }
        if self.log.is_empty() { Ok(()) } else { write!(f, "\n{}", self.log) }
    }
}

/// Codes that someone explains or acts on.
pub(crate) mod code {
    pub(crate) const OUT_OF_MEMORY: u32 = 2;
    pub(crate) const STUB_LIBRARY: u32 = 34;
    pub(crate) const DEVICE_UNAVAILABLE: u32 = 46;
    pub(crate) const NO_DEVICE: u32 = 100;
    pub(crate) const INVALID_IMAGE: u32 = 200;
    pub(crate) const NO_BINARY_FOR_GPU: u32 = 209;
    pub(crate) const INVALID_PTX: u32 = 218;
    pub(crate) const JIT_COMPILER_NOT_FOUND: u32 = 221;
    pub(crate) const UNSUPPORTED_PTX_VERSION: u32 = 222;
    pub(crate) const NOT_FOUND: u32 = 500;
    pub(crate) const ILLEGAL_ADDRESS: u32 = 700;
    pub(crate) const LAUNCH_OUT_OF_RESOURCES: u32 = 701;
    pub(crate) const LAUNCH_TIMEOUT: u32 = 702;
    /// What else a running program may do that the GPU does not take.
    pub(crate) const EXCEPTIONS: std::ops::RangeInclusive<u32> = 714..=718;
    pub(crate) const MISALIGNED_ADDRESS: u32 = 716;
    pub(crate) const LAUNCH_FAILED: u32 = 719;
    pub(crate) const SYSTEM_NOT_READY: u32 = 802;
    pub(crate) const SYSTEM_DRIVER_MISMATCH: u32 = 803;
}

/// The driver's own name of a code. Not asked of the driver: adapters would have to agree on how, and stubs
/// of the library have no answer.
fn code_name(code: u32) -> Option<&'static str> {
    Some(match code {
        1 => "CUDA_ERROR_INVALID_VALUE",
        code::OUT_OF_MEMORY => "CUDA_ERROR_OUT_OF_MEMORY",
        3 => "CUDA_ERROR_NOT_INITIALIZED",
        4 => "CUDA_ERROR_DEINITIALIZED",
        code::STUB_LIBRARY => "CUDA_ERROR_STUB_LIBRARY",
        code::DEVICE_UNAVAILABLE => "CUDA_ERROR_DEVICE_UNAVAILABLE",
        code::NO_DEVICE => "CUDA_ERROR_NO_DEVICE",
        101 => "CUDA_ERROR_INVALID_DEVICE",
        code::INVALID_IMAGE => "CUDA_ERROR_INVALID_IMAGE",
        201 => "CUDA_ERROR_INVALID_CONTEXT",
        code::NO_BINARY_FOR_GPU => "CUDA_ERROR_NO_BINARY_FOR_GPU",
        214 => "CUDA_ERROR_ECC_UNCORRECTABLE",
        code::INVALID_PTX => "CUDA_ERROR_INVALID_PTX",
        code::JIT_COMPILER_NOT_FOUND => "CUDA_ERROR_JIT_COMPILER_NOT_FOUND",
        code::UNSUPPORTED_PTX_VERSION => "CUDA_ERROR_UNSUPPORTED_PTX_VERSION",
        304 => "CUDA_ERROR_OPERATING_SYSTEM",
        400 => "CUDA_ERROR_INVALID_HANDLE",
        code::NOT_FOUND => "CUDA_ERROR_NOT_FOUND",
        code::ILLEGAL_ADDRESS => "CUDA_ERROR_ILLEGAL_ADDRESS",
        code::LAUNCH_OUT_OF_RESOURCES => "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES",
        code::LAUNCH_TIMEOUT => "CUDA_ERROR_LAUNCH_TIMEOUT",
        709 => "CUDA_ERROR_CONTEXT_IS_DESTROYED",
        714 => "CUDA_ERROR_HARDWARE_STACK_ERROR",
        715 => "CUDA_ERROR_ILLEGAL_INSTRUCTION",
        code::MISALIGNED_ADDRESS => "CUDA_ERROR_MISALIGNED_ADDRESS",
        717 => "CUDA_ERROR_INVALID_ADDRESS_SPACE",
        718 => "CUDA_ERROR_INVALID_PC",
        code::LAUNCH_FAILED => "CUDA_ERROR_LAUNCH_FAILED",
        code::SYSTEM_NOT_READY => "CUDA_ERROR_SYSTEM_NOT_READY",
        code::SYSTEM_DRIVER_MISMATCH => "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
        999 => "CUDA_ERROR_UNKNOWN",
        _ => return None,
    })
}

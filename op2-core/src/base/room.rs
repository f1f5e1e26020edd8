//! Memory that others use by its address, as MPI does that of devices.

use std::ptr::NonNull;

use crate::base::error::Result;

/// Who can use memory by its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryKind {
    /// Everybody in the process.
    Host,
    /// Libraries that know CUDA.
    Cuda,
}

/// Memory for messages that is not the channel's, perhaps that of a device.
///
/// # Safety
/// As long as this lives, there are so many bytes from the address on, for whoever knows memory of this
/// kind; they start at a multiple of 8. While a channel that was opened with this has messages under way in
/// it, nobody else writes these bytes, and nobody reads those of messages that arrive.
pub unsafe trait Room: Send + Sync {
    /// Who that is.
    fn kind(&self) -> MemoryKind;

    /// Where it starts.
    fn address(&self) -> NonNull<u8>;

    /// How many bytes there are.
    fn bytes(&self) -> usize;

    /// Lets this thread use the address, in what it calls next.
    ///
    /// # Errors
    /// Those of the device.
    fn enter(&self) -> Result<()>;
}

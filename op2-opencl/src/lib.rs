//! The `OpenCL` device of op2: GPUs of any maker, accelerators, and CPUs.
//!
//! Programs do not use this package by itself: they ask for the backend `opencl`, and their loops run here.
//! It knows nothing of meshes: it keeps bytes, and compiles and starts the programs that op2 writes
//! ([`op2_core::device::api`] says what that takes).
//!
//! # What must be there
//!
//! - The loader, `libOpenCL`, to link and to start (Debian and Ubuntu: `ocl-icd-opencl-dev`, or
//!   `ocl-icd-libopencl1` to run only).
//! - A driver with `OpenCL` 1.2 or later. It comes with that of the GPU (NVIDIA, Intel, AMD), or is `PoCL`
//!   (`pocl-opencl-icd`), which makes a device of the CPU.
//!
//! **`PoCL`** is for tests: a machine without a GPU runs every loop as a GPU would run it, its atomics and local
//! memory included, and all results can be checked. It says nothing of the speed of a GPU.
//!
//! # Which device
//!
//! Without a wish, the first GPU; if there is none, the first other accelerator; else the first CPU. Devices
//! that compute with `f64` come before those that do not. The variable `OP2_OPENCL_DEVICE` chooses another one:
//!
//! ```sh
//! OP2_OPENCL_DEVICE=1         # by its number, from 0
//! OP2_OPENCL_DEVICE=radeon    # by a part of its name or its platform's, in any case
//! ```
//!
//! A device that does not exist is an error that lists those that do, with their numbers. So does [`list`]:
//!
//! ```
//! for (number, device) in op2_opencl::list()?.iter().enumerate() {
//!     println!("{number}: {device}");
//! }
//! # Ok::<(), op2_core::base::error::Error>(())
//! ```
//!
//! # Reading and keeping programs
//!
//! `OP2_DUMP_SOURCE` names a folder where op2 writes the programs that it compiles, one file per loop. Messages of
//! a compiler name lines of the kernel as the user wrote it where they can, else lines of this file.
//!
//! Compiled programs are kept from run to run by the drivers, which all have a store of their own:
//! `POCL_CACHE_DIR` (else `~/.cache/pocl`), `CUDA_CACHE_PATH` (NVIDIA), `NEO_CACHE_DIR` (Intel) say where. So there is
//! none here, and `shipped` and `cache` of [`Options`] have no effect.
//!
//! # Rounding
//!
//! Programs are compiled such that each operation rounds as on the host; [`Options::contract`] lets the compiler
//! fuse multiplications and additions. `f32` divisions and square roots round as on the host only where the device
//! can do so (all usual GPUs and `PoCL` can).
//!
//! # Rooms
//!
//! `choose` finds devices, `queue` is an open one, `memory` its memory, `compile` makes programs, `launch` starts
//! them, `fault` turns codes into words; `driver` owns the objects of `ocl` and asks about them.

#[forbid(unsafe_code)]
mod choose;
mod compile;
mod driver;
#[forbid(unsafe_code)]
mod fault;
mod launch;
mod memory;
mod queue;

use op2_core::base::error::{Error, Result};
use op2_core::device::api::{Device, Options};

pub use choose::{Found, Kind};

/// Opens a device.
///
/// # Errors
/// There is no such device, or none at all; the message lists those that there are.
pub fn open(options: &Options) -> Result<Box<dyn Device>> {
    let found = choose::choose(options.device.as_deref())?;
    let queue = queue::Queue::open(&found, options.contract).map_err(|fault| {
        Error::Settings(format!("the OpenCL device `{}` cannot be used: {fault}", found.name))
    })?;
    Ok(Box::new(queue))
}

/// All devices, in the order of their numbers; none where no driver is installed.
///
/// # Errors
/// The loader's, other than that there is no driver.
pub fn list() -> Result<Vec<Found>> {
    Ok(choose::survey()?.devices)
}

//! NVIDIA GPUs as devices of op2: [`open`] gives one.
//!
//! # What must be installed
//!
//! | to | what |
//! |---|---|
//! | build | nothing |
//! | start | nothing: without a driver, [`open`] says so |
//! | run | NVIDIA's driver, of CUDA 12.0 or later |
//! | compile loops | NVRTC, a library of the CUDA toolkit, for each loop once |
//!
//! Loops are compiled to PTX when they first run, and kept in the user's cache folder
//! (`~/.cache/op2/ptx`), so that further runs, and other processes of the same run, need no compiler.
//! NVRTC is loaded from where the system's loader looks (`LD_LIBRARY_PATH`), else from the toolkit
//! that `CUDA_HOME` or `CUDA_PATH` names, else from `/usr/local/cuda`.
//!
//! # Programs that are shipped compiled
//!
//! A folder of compiled loops that comes with a program ([`Options::shipped`], which users set by
//! `OP2_PTX_DIR`) is looked into first; with it, the driver is enough. To fill one, run the program where
//! NVRTC is, and copy the cache's folder of that version, `~/.cache/op2/ptx/nvrtc-13.0`; or use
//! [`ptx::ship`], which needs no GPU.
//! Names of files hold a hash of the loop's text, so what does not fit is never found; PTX for an older
//! GPU runs on newer ones.
//!
//! # Arithmetic
//!
//! Every operation is rounded as on the host. With [`Options::contract`], a multiplication and an
//! addition may become one operation.
//!
//! # Ways to the driver
//!
//! Two packages lead to it, chosen by [`Adapter`]: cudarc, which loads it while running, and
//! with the feature `cust` also cust, which is linked to it. Both use the GPU's primary context, and
//! so get along with whatever else uses the GPU in the process.

#[forbid(unsafe_code)]
mod cache;
#[forbid(unsafe_code)]
mod choose;
#[forbid(unsafe_code)]
mod compile;
mod cudarc;
#[cfg(feature = "cust")]
mod cust;
mod device;
mod driver;
#[forbid(unsafe_code)]
mod fault;
#[forbid(unsafe_code)]
mod group;
mod launch;
mod memory;
mod nvrtc;
mod pinned;
#[forbid(unsafe_code)]
pub mod ptx;

use std::any::Any;

use op2_core::base::error::Result;
use op2_core::device::api::{Device, Options, Program};

pub use driver::Attributes;

/// A way to the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adapter {
    /// Loads the driver while running.
    Cudarc,
    /// Is linked to the driver, for programs that live in Rust-CUDA.
    #[cfg(feature = "cust")]
    Cust,
}

impl Adapter {
    /// Those that were built, the usual one first.
    pub const ALL: &[Self] = &[
        #[cfg(feature = "cust")]
        Self::Cust,
        Self::Cudarc,
    ];
}

/// Opens a GPU: the one that the options name, by number or a part of the name, else the first that can
/// be used.
///
/// # Errors
/// [`Settings`](op2_core::base::error::Error::Settings): there is no driver, no GPU, or none of that name;
/// then the text lists those that there are.
pub fn open(options: &Options) -> Result<Box<dyn Device>> {
    open_by(Adapter::ALL[0], options)
}

/// As [`open`], by a certain way.
///
/// # Errors
/// As [`open`].
pub fn open_by(adapter: Adapter, options: &Options) -> Result<Box<dyn Device>> {
    Ok(match adapter {
        Adapter::Cudarc => Box::new(device::open::<cudarc::Cudarc>(options)?),
        #[cfg(feature = "cust")]
        Adapter::Cust => Box::new(device::open::<cust::Cust>(options)?),
    })
}

/// What the driver made of a program; `None` if it is no GPU's.
pub fn attributes(program: &dyn Program) -> Option<Attributes> {
    let program: &dyn Any = program;
    #[cfg(feature = "cust")]
    if let Some(program) = program.downcast_ref() {
        return Some(attributes_of::<cust::Cust>(program));
    }
    program.downcast_ref().map(attributes_of::<cudarc::Cudarc>)
}

fn attributes_of<D: driver::Driver>(program: &compile::Program<D>) -> Attributes {
    program.attributes
}

//! The devices on which tests of devices run.

use op2::prelude::*;
use op2::{ContextBuilder, Result};

/// Calls `test` with a builder of contexts on every device that there is: the one that finds mistakes, with the
/// feature `opencl` the first OpenCL device, and with `cuda` the first NVIDIA GPU.
pub(crate) fn on_devices(test: impl Fn(ContextBuilder) -> Result<()>) -> Result<()> {
    let builder = |backend| Context::builder().threads(1).backend(backend);
    test(builder(Backend::Memcheck))?;
    #[cfg(feature = "opencl")]
    on_device(builder(Backend::OpenCl), "REQUIRE_OPENCL", &test)?;
    #[cfg(feature = "cuda")]
    on_device(builder(Backend::Cuda), "REQUIRE_GPU", &test)?;
    Ok(())
}

/// The device may be missing, unless the variable is set.
#[cfg(any(feature = "opencl", feature = "cuda"))]
fn on_device(
    builder: ContextBuilder,
    required: &str,
    test: impl Fn(ContextBuilder) -> Result<()>,
) -> Result<()> {
    match builder.clone().build() {
        Ok(_) => test(builder),
        Err(error) if std::env::var_os(required).is_some() => Err(error),
        Err(error) => {
            eprintln!("skipped: {error}");
            Ok(())
        }
    }
}

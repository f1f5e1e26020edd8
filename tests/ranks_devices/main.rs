//! Devices on several ranks.
//!
//! Every test runs on the device that finds mistakes, and with the feature `opencl` on the first OpenCL
//! device, if there is one.

use op2::prelude::*;
use op2::{ContextBuilder, Result};

mod loops;
mod matrices;

/// Calls `test` with a builder of contexts on every device that there is.
fn on_devices(test: impl Fn(ContextBuilder) -> Result<()>) -> Result<()> {
    test(Context::builder().threads(1).backend(Backend::Memcheck))?;
    #[cfg(feature = "opencl")]
    {
        let builder = Context::builder().threads(1).backend(Backend::OpenCl);
        match builder.clone().build() {
            Ok(_) => test(builder)?,
            Err(error) if std::env::var_os("REQUIRE_OPENCL").is_some() => return Err(error),
            Err(error) => eprintln!("skipped: {error}"),
        }
    }
    Ok(())
}

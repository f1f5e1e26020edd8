//! Devices on several ranks.
//!
//! Every test runs on the device that finds mistakes, with the feature `opencl` on the first OpenCL
//! device, and with `cuda` on the first NVIDIA GPU, if there is one.

use op2::prelude::*;
use op2::{ContextBuilder, Result};

mod loops;
mod matrices;

/// Calls `test` with a builder of contexts on every device that there is.
fn on_devices(test: impl Fn(ContextBuilder) -> Result<()>) -> Result<()> {
    test(Context::builder().threads(1).backend(Backend::Memcheck))?;
    #[cfg(feature = "opencl")]
    on_device(Backend::OpenCl, "REQUIRE_OPENCL", &test)?;
    #[cfg(feature = "cuda")]
    on_device(Backend::Cuda, "REQUIRE_GPU", &test)?;
    Ok(())
}

/// The device may be missing, unless the variable is set.
#[cfg(any(feature = "opencl", feature = "cuda"))]
fn on_device(
    backend: Backend,
    required: &str,
    test: impl Fn(ContextBuilder) -> Result<()>,
) -> Result<()> {
    let builder = Context::builder().threads(1).backend(backend);
    match builder.clone().build() {
        Ok(_) => test(builder),
        Err(error) if std::env::var_os(required).is_some() => Err(error),
        Err(error) => {
            eprintln!("skipped: {error}");
            Ok(())
        }
    }
}

/// Threads have no way for messages out of the memory of devices: said at once, and nothing else is done instead.
#[test]
fn messages_of_threads_go_through_the_host() -> Result<()> {
    op2::ranks(2, |comm| {
        let build = |direct| {
            let builder = Context::builder().backend(Backend::Memcheck).comm(comm.clone());
            builder.direct_messages(direct).build()
        };
        let refused = build(true).unwrap_err().to_string();
        assert_eq!(
            refused,
            "messages cannot go straight out of the memory of memcheck: these ranks do not reach it"
        );
        build(false)?;
        assert_eq!(Context::builder().comm(comm).build()?.traffic().direct, 0);
        Ok(())
    })
    .map(drop)
}

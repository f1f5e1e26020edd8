//! Devices on several ranks.
//!
//! Every test runs on the device that finds mistakes, with the feature `opencl` on the first OpenCL
//! device, and with `cuda` on the first NVIDIA GPU, if there is one.

use op2::Result;
use op2::prelude::*;

mod loops;
mod matrices;
#[path = "../shared/on_devices.rs"]
mod on_devices;

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

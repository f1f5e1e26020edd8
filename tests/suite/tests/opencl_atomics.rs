//! The suite on an OpenCL device that changes shared rows in one piece, with dats row by row.

use op2::{Layout, RaceStrategy};
use op2_suite::target::Target;

op2_suite::instantiate!(
    Target::opencl(|builder| builder.races(RaceStrategy::Atomics).device_layout(Layout::Aos))
        .varying()
);

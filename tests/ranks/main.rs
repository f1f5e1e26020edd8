//! Programs on several ranks, which are threads here: the answers of one rank, values that are never
//! stale, and no message too many.

use std::sync::Arc;

use op2::comm::Comm;
use op2::prelude::*;

mod chain;
mod declarations;
mod failures;
mod freshness;
#[path = "../shared/grid.rs"]
mod grid;
mod kernels;
mod partitions;
mod traffic;

fn context(comm: Arc<dyn Comm>) -> op2::Result<Context> {
    Context::builder().backend(Backend::Seq).comm(comm).build()
}

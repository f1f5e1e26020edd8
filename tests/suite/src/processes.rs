//! Tests on ranks that are processes.
//!
//! Each process runs all tests; what one does in a test, all do. So tests must come in the same sequence
//! everywhere, one at a time (`RUST_TEST_THREADS=1`), and where one fails on one rank, all processes end.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use op2::{Comm, Error};

/// All processes.
pub(crate) fn world() -> Arc<dyn Comm> {
    static WORLD: OnceLock<Arc<dyn Comm>> = OnceLock::new();
    WORLD.get_or_init(|| op2::mpi::world().expect("MPI can be had")).clone()
}

/// Runs a test on this rank; where it fails, no rank goes on.
#[expect(clippy::exit, reason = "what ends one process ends all")]
pub(crate) fn run(name: &str, test: impl FnOnce()) {
    let one_at_a_time = std::env::var("RUST_TEST_THREADS").is_ok_and(|threads| threads == "1");
    assert!(one_at_a_time, "set RUST_TEST_THREADS=1: ranks run tests in the same sequence");
    if let Err(cause) = catch_unwind(AssertUnwindSafe(test)) {
        op2::mpi::note(&Error::Other(format!("{name}: {}", words(&*cause))));
        std::process::exit(1);
    }
}

/// What a panic says.
fn words(cause: &(dyn Any + Send)) -> &str {
    let owned = cause.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or("a panic without words")
}

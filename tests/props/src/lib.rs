//! Random meshes and loops for property tests, and a plain way to run a plan.
//!
//! The tests themselves are in `tests/`; `examples/numbering.rs` prints how long planning and
//! renumbering take.

#![forbid(unsafe_code)]

pub mod device_loop;
pub mod meshes;
pub mod problem;
pub mod run;
pub mod world;

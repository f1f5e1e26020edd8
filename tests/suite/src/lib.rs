//! What op2 promises, as tests that every target runs.
//!
//! A test is a function of a [`Target`](target::Target). [`instantiate!`] makes all of them tests of
//! one target; the files in `tests/` do so, a few lines each. `tests/complete.rs` sees to it that no
//! test is forgotten.

#![forbid(unsafe_code)]
// A test's name is what there is to say of it, and failing is its purpose.
#![allow(missing_docs, clippy::missing_panics_doc)]
// Kernels are written as users write them: with `as` and `%`.
#![allow(clippy::cast_lossless, clippy::manual_is_multiple_of)]

mod instantiate;
mod five_points;
pub mod meshes;
#[cfg(feature = "mpi")]
mod processes;
pub mod target;

pub mod direct;
pub mod indirect;
pub mod vector_map;
pub mod global_reduction;
pub mod subset;
pub mod constants;
pub mod values_and_index;
pub mod element_types;
pub mod dats;
pub mod kernels;
pub mod arguments;
pub mod conflicts;
pub mod errors;
pub mod contexts;
pub mod many_arguments;
pub mod determinism;
pub mod devices;
pub mod panics;
pub mod concurrency;
pub mod checked;
pub mod linear_algebra;
pub mod solvers;
pub mod dense;
pub mod matrices;
pub mod random_matrices;
pub mod mixed_matrices;
pub mod renumbering;
pub mod prepared;
pub mod airfoil;
pub mod aero;

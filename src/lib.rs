//! Mesh computation, written once, fast everywhere.
//!
//! A program declares *sets* (nodes, edges, cells), *maps* between them and *dats* on them, and applies
//! *kernels* to all elements of a set by [`par_loop!`]. A kernel is a plain Rust function of one
//! element; its parameters say what it reads and what it changes, the compiler holds it to that,
//! and the library finds a safe order, shares it among threads and uses the vector instructions
//! of the machine. The result is the same to the last bit for any number of threads.
//!
#![doc = include_str!("../docs/tutorial.md")]
#![forbid(unsafe_code)]

extern crate self as op2;

pub mod builtins;
pub mod dense;
pub mod matrix;
pub mod prelude;
pub mod solve;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

mod context;
mod declare;

// What a program writes.
pub use op2_core::exec::run::PreparedLoop;
pub use op2_macros::{Element, function, kernel, par_loop, prepare};

// Who shares the work.
pub use op2_core::base::comm::Comm;
#[cfg(feature = "mpi")]
#[doc(inline)]
pub use op2_core::dist::mpi;
/// Ranks as threads: a program, run so many times side by side, each with a context of its own that
/// holds its part of the mesh. Constants belong to the process: these ranks have them in common
/// ([`many_ranks`]).
///
/// ```
/// use op2::prelude::*;
///
/// op2::sets! { Cells; }
///
/// #[op2::kernel]
/// fn add(q: &f64, total: Inc<f64>) {
///     *total += q;
/// }
///
/// # fn main() -> op2::Result<()> {
/// let totals = op2::ranks(3, |comm| {
///     let cx = Context::builder().backend(Backend::Seq).comm(comm).build()?;
///     let cells = cx.set::<Cells>(100)?;
///     let q: Dat<Cells, f64> = cx.dat("q", &cells, vec![0.5; 100])?;
///     let total = cx.global("total", 0.0);
///     par_loop!(add, cells, q(Read), total(Inc))?;
///     total.value()
/// })?;
/// assert_eq!(totals, [50.0; 3]); // all ranks have the sum over all cells
/// # Ok(())
/// # }
/// ```
#[doc(inline)]
pub use op2_core::dist::threads::run as ranks;

// What a program declares.
pub use context::{Context, ContextBuilder};
#[doc(no_inline)]
pub use matrix::{LinearOperator, Mat, MatrixFree, Sparsity};
pub use op2_core::base::device_settings::RaceStrategy;
pub use op2_core::base::layout::Layout;
pub use op2_core::mesh::constant::Const;
pub use op2_core::mesh::dat::Dat;
pub use op2_core::mesh::dat_guards::{ReadGuard, WriteGuard};
pub use op2_core::mesh::global::{Global, Reduction};
pub use op2_core::mesh::map::Map;
pub use op2_core::mesh::masked::Masked;
pub use op2_core::mesh::set::{Set, SetMarker};
pub use op2_core::mesh::subset::Subset;

// What a dat may hold, and what kernels may be generic over.
pub use op2_core::base::element::{Element, ElementKind};
pub use op2_core::par_loop::number::{Number, Real};

// How a loop uses its arguments.
pub use op2_core::mesh::access::{Access, mode};

// How a program runs, and what it cost.
pub use op2_core::base::config::{Backend, Settings, SimdLevel};
pub use op2_core::base::triad::Triad;
pub use op2_core::device::transfers::Transfers;
pub use op2_core::mesh::ordering::Permutation;
pub use op2_core::mesh::ordering::Spread;
pub use op2_core::mesh::reorder::{Reorder, Reordered};
pub use op2_core::report::{self, Report};

// How ranks share the work.
pub use op2_core::base::comm;
pub use op2_core::base::config::AutoPartition;
pub use op2_core::dist::partition::{
    MapCounts, MapQuality, Partition, Quality, SetCounts, SetQuality,
};
pub use op2_core::exec::ranks::Traffic;

// What can go wrong.
pub use op2_core::base::error::{Error, Result, Site, Violation};

// Files.
#[cfg(feature = "io")]
pub use op2_core::io;

/// A kernel parameter that is overwritten: the kernel assigns it before reading it.
pub type Write<'a, T> = &'a mut T;
/// A kernel parameter that is added to with `+=` or `-=`.
pub type Inc<'a, T> = &'a mut T;
/// A kernel parameter that is lowered: `*m = (*m).min(v)`.
pub type Min<'a, T> = &'a mut T;
/// A kernel parameter that is raised: `*m = (*m).max(v)`.
pub type Max<'a, T> = &'a mut T;

// Pages of the documentation, whose programs are compiled and run as tests.
#[cfg(any(doc, doctest))]
#[doc = include_str!("../docs/kernel-language.md")]
pub mod kernel_language {}
#[cfg(any(doc, doctest))]
#[doc = include_str!("../docs/devices.md")]
pub mod devices {}
#[cfg(any(doc, doctest))]
#[doc = include_str!("../docs/ranks.md")]
pub mod many_ranks {}
#[cfg(all(any(doc, doctest), feature = "io"))]
#[doc = include_str!("../docs/meshes.md")]
pub mod meshes {}
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

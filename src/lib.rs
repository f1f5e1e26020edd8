//! Mesh computation, written once, fast everywhere.
#![forbid(unsafe_code)]

extern crate self as op2;

pub mod builtins;
pub mod prelude;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

mod declare;

pub use op2_core::base::config::{Backend, Settings, SimdLevel};
pub use op2_core::base::element::{Element, ElementKind};
pub use op2_core::base::error::{Error, Result, Site, Violation};
pub use op2_core::context::{Context, ContextBuilder};
pub use op2_core::mesh::access::{Access, mode};
pub use op2_core::mesh::constant::Const;
pub use op2_core::mesh::dat::{Dat, Layout, ReadGuard, WriteGuard};
pub use op2_core::mesh::global::{Global, Reduction};
pub use op2_core::mesh::map::Map;
pub use op2_core::mesh::ordering::Permutation;
pub use op2_core::mesh::reorder::{Reorder, Reordered};
pub use op2_core::mesh::set::{Set, SetMarker, Subset};
pub use op2_core::par_loop::number::{Number, Real};
pub use op2_core::report::Report;
pub use op2_macros::{Element, function, kernel, par_loop};

/// A kernel parameter that is overwritten: the kernel assigns it before reading it.
pub type Write<'a, T> = &'a mut T;
/// A kernel parameter that is added to with `+=` or `-=`.
pub type Inc<'a, T> = &'a mut T;
/// A kernel parameter that is lowered: `*m = (*m).min(v)`.
pub type Min<'a, T> = &'a mut T;
/// A kernel parameter that is raised: `*m = (*m).max(v)`.
pub type Max<'a, T> = &'a mut T;
#[cfg(feature = "io")]
pub use op2_core::io;

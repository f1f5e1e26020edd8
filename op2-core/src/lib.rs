//! The machine room of op2.
//!
//! Modules stand in floor order; a module imports only from lower floors (`tests/floors.rs` sees to
//! it). Structured blocks (floor 2) and schedules (8) are free. Where a module
//! needs no unsafe code, it is forbidden, here or in the list of its parts.

pub mod base; // floor 0
pub mod mesh; // floor 1
pub mod matrix; // floor 2
pub mod kernel; // floor 3
pub mod par_loop; // floor 4
#[forbid(unsafe_code)]
pub mod plan; // floor 5
pub mod dist; // floor 5
pub mod device; // floor 6
pub mod exec; // floor 7
#[forbid(unsafe_code)]
pub mod context; // floor 9

#[cfg(feature = "io")]
#[forbid(unsafe_code)]
pub mod io; // floor 10
#[forbid(unsafe_code)]
pub mod report; // floor 10

#[doc(hidden)]
pub use bytemuck;

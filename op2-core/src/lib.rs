//! The machine room of op2.
//!
//! Modules stand in floor order; a module imports only from lower floors.
#![allow(missing_docs)]

pub mod base; // floor 0
pub mod mesh; // floor 1
pub mod kernel; // floor 3
pub mod par_loop; // floor 4
pub mod plan; // floor 5
pub mod exec; // floor 7
pub mod context; // floor 9

#[cfg(feature = "io")]
pub mod io; // floor 10
pub mod report; // floor 10

#[doc(hidden)]
pub use bytemuck;

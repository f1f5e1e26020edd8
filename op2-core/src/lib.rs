//! The machine room of op2.

#[cfg(feature = "io")]
#[forbid(unsafe_code)]
pub mod io;

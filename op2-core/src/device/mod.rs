//! Floor 6: accelerators, without a vendor's name.
//!
//! A device keeps copies of dats, maps and matrices, and runs loops on them as programs that are
//! written here, from the loop's description, its [`order`] and the kernels' C. What a particular
//! device can do is behind [`api`].

pub mod api;
#[forbid(unsafe_code)]
pub mod order;
#[forbid(unsafe_code)]
pub mod targets;
#[forbid(unsafe_code)]
pub mod wrapper;

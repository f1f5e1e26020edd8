//! Floor 6: accelerators, without a vendor's name.
//!
//! A device keeps copies of dats, maps and matrices, and runs loops on them as programs that are
//! written here, from the loop's description, its [`order`] and the kernels' C. What a particular
//! device can do is behind [`api`].

pub mod accelerator;
pub mod api;
#[forbid(unsafe_code)]
pub mod call;
pub mod launch;
pub mod memcheck;
pub mod order;
pub mod orders;
mod product;
#[forbid(unsafe_code)]
pub mod programs;
#[forbid(unsafe_code)]
pub mod ready;
mod resident;
#[forbid(unsafe_code)]
pub mod shape;
#[forbid(unsafe_code)]
mod storage;
#[forbid(unsafe_code)]
pub mod targets;
#[forbid(unsafe_code)]
pub mod transfers;
#[forbid(unsafe_code)]
pub mod wrapper;

//! Floor 6: accelerators, without a vendor's name.
//!
//! What a particular device can do is behind [`api`]; [`memcheck`] is one in the memory of the host. A context's
//! device is an [`Accelerator`](accelerator::Accelerator), which keeps
//!
//! - copies of dats, matrices and tables: `storage`, in their [`shape`] there, [`transfers`] counted;
//! - [`orders`] of loops: the [`order`] in which elements change the loop's [`targets`];
//! - [`programs`] of loops, whose text is a [`wrapper`] around the kernel's C.
//!
//! A [`call`] of a loop is made [`ready`]: ordered, compiled, all it touches `resident`; then comes its [`launch`].
//! `product` does the same for products of matrices with vectors, `rank_product` on several ranks; [`halo`] moves
//! rows that travel between ranks, by way of `rooms` for their messages.

pub mod accelerator;
pub mod api;
#[forbid(unsafe_code)]
pub mod call;
pub mod halo;
pub mod launch;
pub mod memcheck;
pub mod order;
pub mod orders;
mod product;
#[forbid(unsafe_code)]
pub mod programs;
mod rank_product;
#[forbid(unsafe_code)]
pub mod ready;
mod resident;
pub(crate) mod rooms;
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

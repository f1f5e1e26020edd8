//! Floor 5: many ranks. Who owns what, what each rank has a copy of, and the messages between them.
//!
//! Knows nothing of plans, and not where values are while a message travels.

#[forbid(unsafe_code)]
pub mod directory;
#[forbid(unsafe_code)]
pub mod index;
#[forbid(unsafe_code)]
pub mod migrate;
#[forbid(unsafe_code)]
pub mod needs;
#[forbid(unsafe_code)]
pub mod regions;
#[forbid(unsafe_code)]
pub mod threads;
#[forbid(unsafe_code)]
pub mod wire;

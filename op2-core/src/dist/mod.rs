//! Floor 5: many ranks. Who owns what, what each rank has a copy of, and the messages between them.
//!
//! Knows nothing of plans, and not where values are while a message travels.
//!
//! - Talking: [`threads`], `mpi` and what they share (`lanes`); [`launch`].
//! - Who owns what: [`directory`]; who should: [`partition`].
//! - Going there: [`migrate`], [`regions`], all of it together: [`distribute`].
//! - Halo values: [`halo`], [`needs`], [`exchange`].

#[forbid(unsafe_code)]
pub mod directory;
pub mod distribute;
#[forbid(unsafe_code)]
pub mod exchange;
#[forbid(unsafe_code)]
pub mod halo;
#[forbid(unsafe_code)]
pub mod index;
#[forbid(unsafe_code)]
mod lanes;
#[forbid(unsafe_code)]
pub mod launch;
#[forbid(unsafe_code)]
pub mod migrate;
#[cfg(feature = "mpi")]
pub mod mpi;
#[forbid(unsafe_code)]
pub mod needs;
pub mod owned;
#[forbid(unsafe_code)]
pub mod partition;
#[forbid(unsafe_code)]
pub mod regions;
#[forbid(unsafe_code)]
pub mod threads;

//! Floor 0: numbers, memory, settings and counters; nothing here knows of meshes.

#[forbid(unsafe_code)]
pub mod blocks;
pub mod buffer;
pub mod cell;
#[forbid(unsafe_code)]
pub mod auto_partition;
#[forbid(unsafe_code)]
pub mod comm;
#[forbid(unsafe_code)]
pub mod config;
#[forbid(unsafe_code)]
pub mod convergence;
#[forbid(unsafe_code)]
pub mod csr;
#[forbid(unsafe_code)]
pub mod device_settings;
pub mod element;
#[forbid(unsafe_code)]
pub mod error;
#[forbid(unsafe_code)]
pub mod exact_sum;
#[forbid(unsafe_code)]
pub mod index;
#[forbid(unsafe_code)]
pub mod json;
#[forbid(unsafe_code)]
pub mod lasting;
#[forbid(unsafe_code)]
pub mod layout;
#[forbid(unsafe_code)]
pub mod poison;
#[forbid(unsafe_code)]
pub mod profile;
pub mod room;
#[forbid(unsafe_code)]
mod simd;
#[forbid(unsafe_code)]
pub mod table;
pub mod triad;
#[forbid(unsafe_code)]
pub mod wire;

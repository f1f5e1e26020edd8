//! Floor 0: numbers, memory, settings and counters; nothing here knows of meshes.

pub mod buffer;
pub mod config;
pub mod csr;
pub mod element;
pub mod error;
pub mod index;
pub mod json;
pub mod profile;
mod simd;
pub mod triad;

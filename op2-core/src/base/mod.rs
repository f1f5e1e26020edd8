//! Floor 0: what every floor needs, and what knows nothing of meshes.

pub mod buffer;
#[forbid(unsafe_code)]
pub mod config;
#[forbid(unsafe_code)]
pub mod index;
#[forbid(unsafe_code)]
pub mod json;
#[forbid(unsafe_code)]
pub mod profile;
#[forbid(unsafe_code)]
pub mod simd;
pub mod triad;

//! Floor 0: what knows nothing of meshes.

#[forbid(unsafe_code)]
pub mod csr;

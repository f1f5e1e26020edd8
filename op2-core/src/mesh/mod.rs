//! Floor 1: what a user declares.

#[forbid(unsafe_code)]
pub mod ordering;

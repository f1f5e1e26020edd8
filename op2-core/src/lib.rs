//! The machine room of op2.

pub mod base;
pub mod mesh;
#[forbid(unsafe_code)]
pub mod plan;

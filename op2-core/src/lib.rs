//! The machine room of op2: modules in floor order, each importing only from floors below it.

pub mod base; // floor 0

#[forbid(unsafe_code)]
pub mod report; // floor 10

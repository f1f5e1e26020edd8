//! Floor 1: what a user declares: sets, maps, dats, globals, constants.

#[forbid(unsafe_code)]
pub mod access;
pub mod constant;
pub mod dat;
pub mod dat_core;
pub mod dat_guards;
mod dat_packed;
mod dat_rows;
mod dat_values;
#[forbid(unsafe_code)]
pub mod given;
pub mod global;
#[forbid(unsafe_code)]
pub mod halo;
#[forbid(unsafe_code)]
pub mod home;
pub mod map;
#[forbid(unsafe_code)]
pub mod masked;
pub mod mirror;
#[forbid(unsafe_code)]
pub mod numbering;
#[forbid(unsafe_code)]
pub mod ordering;
#[forbid(unsafe_code)]
pub mod parts;
#[forbid(unsafe_code)]
pub(crate) mod registry;
pub mod reorder;
#[forbid(unsafe_code)]
pub mod set;
pub mod stale;
#[forbid(unsafe_code)]
pub mod subset;

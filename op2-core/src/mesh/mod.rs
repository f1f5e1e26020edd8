//! Floor 1: what a user declares: sets, maps, dats, globals, constants.

pub mod access;
pub mod constant;
pub mod dat;
pub mod global;
pub mod home;
pub mod map;
pub mod ordering;
pub mod reorder;
pub mod set;

//! Who shall own what: new owners of all elements, from coordinates, from maps, or given.
//!
//! A partition starts with one set, the *lead*: [`rcb`](rcb()) puts its elements into parts by
//! coordinates, [`kway`](kway()) by what a map connects. [`follow`](follow()) then decides for all other
//! sets, through the maps that connect them. Everything here computes numbers of ranks and moves nothing;
//! moving rows and numbering them anew is left to others. [`Quality`] says how good the outcome is.
//!
//! Elements are named by users' numbers, and no answer depends on which rank has which elements
//! beforehand: partitioning twice is partitioning once.

mod combine;
pub mod follow;
pub mod kway;
pub mod quality;
pub mod rcb;
mod request;
mod select;
#[cfg(test)]
mod testing;

use crate::base::error::{Error, Result};

pub use crate::dist::owned::{OwnedMap, OwnedSet};

pub use follow::follow;
pub use kway::kway;
pub use quality::{MapCounts, MapQuality, Quality, SetCounts, SetQuality};
pub use rcb::{Points, rcb};
pub use request::Partition;

/// The number of parts, if it is one.
fn check_parts(parts: usize) -> Result<u32> {
    match u32::try_from(parts) {
        Ok(0) => Err(Error::Settings("a set cannot be partitioned into 0 parts".into())),
        Ok(parts) => Ok(parts),
        Err(_) => Err(Error::Settings(format!(
            "a set cannot be partitioned into {parts} parts; {} are the most",
            u32::MAX
        ))),
    }
}

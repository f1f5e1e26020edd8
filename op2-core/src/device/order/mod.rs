//! In which order a device runs the elements of a loop, so that no two work-items change one row at
//! the same time.
//!
//! [`order()`] finds one for a [`Request`], by the [`rule`]; [`audit()`] checks it from scratch. Both are
//! functions on plain data: an order depends on the request and the limits only, never on the number of
//! threads. [`of_loop`] makes a request of a loop's description, [`leaves`] says what its elements
//! allow. Keeping orders, bringing them to a device and running them is left to others.

#[forbid(unsafe_code)]
pub mod audit;
#[forbid(unsafe_code)]
mod coloring;
#[forbid(unsafe_code)]
mod first_fit;
#[forbid(unsafe_code)]
pub mod leaves;
pub mod of_loop;
#[forbid(unsafe_code)]
mod reason;
#[forbid(unsafe_code)]
pub mod request;
#[forbid(unsafe_code)]
pub mod rule;
#[forbid(unsafe_code)]
mod staging;
#[forbid(unsafe_code)]
mod ways;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub use crate::base::device_settings::RaceStrategy;
pub use audit::{Flaw, audit};
pub use request::{Limits, ReachTable, Request, RequestTarget};
pub use rule::order;

/// How work-items that change the same row through maps are kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Races {
    /// There is nothing to keep apart: nothing is changed through a map.
    None,
    /// Each change is one that the device makes in one piece. The order of increments, and with it
    /// the last bits of floating-point sums, differ from run to run.
    Atomics,
    /// Elements are colored: those of one color change no row in common and run at once. The order
    /// of increments is fixed.
    Coloring,
    /// Blocks of elements are colored. Each sums its increments in the memory of its group first, where its
    /// elements take turns by colors of their own, and then adds the sums. The order is fixed.
    Staging,
    /// One work-item runs all elements.
    Serial,
}

/// The order of a loop on a device.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// How work-items are kept apart.
    pub races: Races,
    /// Why so, for the report.
    pub reason: String,
    /// What runs at once, in turn: positions ([`Races::None`], [`Races::Atomics`], [`Races::Serial`]), places in
    /// `elements` ([`Races::Coloring`]) or in the staging's `blocks`.
    pub launches: Vec<Range<u32>>,
    /// [`Races::Coloring`]: the elements, color by color; else empty.
    pub elements: Vec<u32>,
    /// [`Races::Staging`] only.
    pub staging: Option<Staging>,
    /// How long it took to find.
    pub seconds: f64,
}

/// Blocks of elements, each run by one group of work-items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staging {
    /// Positions of a block: block `b` has those from `b * block` on, the last fewer.
    pub block: usize,
    /// The numbers of the blocks, color by color.
    pub blocks: Vec<u32>,
    /// The color of each position within its block, from 0.
    pub colors: Vec<u16>,
    /// How many colors each block has.
    pub num_colors: Vec<u32>,
    /// For each target, in the order of [`targets`](super::targets::targets).
    pub targets: Vec<StagedTarget>,
}

/// The rows that blocks change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedTarget {
    /// The rows of block `b` are `rows[offsets[b]..offsets[b + 1]]`.
    pub offsets: Vec<u32>,
    /// Rising within a block, each once.
    pub rows: Vec<u32>,
    /// `[entries, positions]`: where each entry's row is among those of its block;
    /// [`NOWHERE`] for entries of a matrix that a masked map leaves out.
    pub places: Vec<u16>,
    /// Rows of a block, at most.
    pub most_rows: usize,
}

impl StagedTarget {
    /// The rows that a block changes.
    ///
    /// # Panics
    /// If there is no such block.
    pub fn rows_of(&self, block: usize) -> &[u32] {
        &self.rows[self.offsets[block] as usize..self.offsets[block + 1] as usize]
    }
}

/// No row.
pub const NOWHERE: u16 = u16::MAX;

//! Floor 5: from a loop to a safe order of its elements.
//!
//! Two edges that add to the same cell must not run at the same moment. A [`Plan`] cuts the elements
//! of a loop into *blocks*, contiguous runs that one thread walks in order, and says which blocks may
//! run together:
//!
//! ```text
//! edges     |  block 0  |  block 1  |  block 2  |  block 3  |
//! color 0      running                 running                   no cell in common
//! color 1                  running                 running       started when color 0 is done
//! ```
//!
//! A plan depends on the loop and its maps only, never on the number of threads, so increments are
//! added in the same sequence and results are equal to the last bit however many threads run it.
//! Block size: [`blocks`]; who conflicts with whom: [`request`] in, `conflict` inside; colors:
//! `color`; what to do when colors do not help: [`strategy`]; blocks that keep a given sequence:
//! [`sequence`]; a check from scratch: [`audit()`].
//!
//! Everything here is a function on plain data. Turning a loop description into a [`Request`],
//! keeping plans for the next call, and running them is left to the floors above, as are halos,
//! the tree of global reductions and orders for devices.

pub mod audit;
pub mod blocks;
mod color;
mod conflict;
mod replicate;
pub mod request;
pub mod sequence;
pub mod strategy;

use std::ops::Range;
use std::time::Instant;

pub use audit::{Clash, Place, audit};
pub use request::{ColumnSet, Request, Target};
pub use strategy::Strategy;

/// A safe order for the elements of one loop.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Runs of positions, one after the other from the first position to the last. The elements of
    /// one block always run in order, by one thread.
    pub blocks: Vec<Range<u32>>,
    /// Which blocks may run together.
    pub strategy: Strategy,
    /// Why, in one sentence for the user's report.
    pub reason: String,
    /// Time it took to make the plan.
    pub seconds: f64,
}

/// What a plan may be adjusted by; [`Settings::for_positions`] is what [`plan`] uses.
///
/// All of them change the sequence of increments, and with it the last bits of results, so they must
/// not be derived from the number of threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Positions in a block (the last one may have fewer); 0 counts as 1.
    pub block_size: usize,
    /// Copies of the written data when increments go to copies. Four keep the cost of clearing and
    /// adding them below that of a typical loop over edges, which bounds the speedup by four.
    pub max_copies: usize,
    /// Memory that all copies together may take.
    pub max_copied_bytes: usize,
}

impl Settings {
    /// The settings for a loop over this many positions.
    pub fn for_positions(positions: usize) -> Self {
        let block_size = blocks::block_size(positions);
        Self { block_size, max_copies: 4, max_copied_bytes: 1 << 30 }
    }
}

/// Plans a loop.
///
/// # Panics
/// If the request breaks a rule that sets and maps check at their declaration: see [`Request`].
pub fn plan(request: &Request<'_>) -> Plan {
    plan_with(request, &Settings::for_positions(request.positions))
}

/// Plans a loop with settings of one's own.
///
/// # Panics
/// As [`plan`].
pub fn plan_with(request: &Request<'_>, settings: &Settings) -> Plan {
    let started = Instant::now();
    let blocks = blocks::cut(request.positions, settings.block_size);
    let (strategy, reason) = strategy::choose(request, &blocks, settings);
    Plan { blocks, strategy, reason, seconds: started.elapsed().as_secs_f64() }
}

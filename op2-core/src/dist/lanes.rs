//! Whether the lanes that the ranks name for a channel fit together.
//!
//! Every communicator looks at this when a channel is opened: what does not fit would hang in the
//! first round.

use crate::base::comm::Lane;
use crate::base::error::{Error, Result};

/// What one rank tells another of the lane to it: how many bytes, or that there is none.
const NO_LANE: u64 = u64::MAX;

/// Refuses lanes to ranks that do not exist, to the rank itself, or twice to the same.
pub(super) fn check(rank: usize, ranks: usize, send: &[Lane], receive: &[Lane]) -> Result<()> {
    for (verb, lanes) in [("sends to", send), ("receives from", receive)] {
        for (place, lane) in lanes.iter().enumerate() {
            let fault = match lane.rank {
                other if other >= ranks => format!("rank {other} of {ranks}"),
                other if other == rank => "the rank itself".into(),
                other if lanes[..place].iter().any(|before| before.rank == other) => {
                    format!("rank {other} a second time")
                }
                _ => continue,
            };
            return Err(Error::Rank {
                rank,
                reason: format!("opens a channel that {verb} {fault}"),
            });
        }
    }
    Ok(())
}

/// What this rank tells each of the others, by rank.
pub(super) fn announcements(ranks: usize, send: &[Lane]) -> Vec<u64> {
    by_rank(ranks, send)
}

/// Whether what the others announce is what this rank is going to receive. Every lane has one rank
/// that looks: the one that receives.
pub(super) fn compare(rank: usize, receive: &[Lane], announced: &[u64]) -> Result<()> {
    let awaited = by_rank(announced.len(), receive);
    let mut pairs = announced.iter().zip(&awaited).enumerate();
    let Some((other, (sends, awaits))) = pairs.find(|(_, (sends, awaits))| sends != awaits) else {
        return Ok(());
    };
    let (sends, awaits) = (text(*sends), text(*awaits));
    let reason = format!("sends {sends} by a channel where rank {rank} awaits {awaits}");
    Err(Error::Rank { rank: other, reason })
}

fn by_rank(ranks: usize, lanes: &[Lane]) -> Vec<u64> {
    let mut bytes = vec![NO_LANE; ranks];
    for lane in lanes {
        bytes[lane.rank] = lane.bytes as u64;
    }
    bytes
}

fn text(bytes: u64) -> String {
    if bytes == NO_LANE { "nothing".into() } else { format!("{bytes} bytes") }
}

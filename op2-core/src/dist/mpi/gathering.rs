//! A gathering under way.

use super::pieces::pieces;
use super::raw::{self, Others, Ranks, Requests, Step, Together};
use crate::base::comm::Gathering;
use crate::base::error::Result;

/// The request of each piece, with its memory. The memory of an even place is what this rank gives,
/// that of the next what comes of it.
pub(super) struct MpiGathering {
    requests: Requests,
    step: Step,
    ranks: usize,
    bytes: usize,
    longest: usize,
}

impl MpiGathering {
    pub(super) fn start(ranks: &Ranks, mine: &[u8], longest: usize) -> Result<Self> {
        let mut requests = Requests::new();
        let mut turn = raw::turn()?;
        let step = turn.join(ranks.together(Together::StartGather));
        for piece in pieces(mine.len(), longest) {
            requests.start_gather(&mut turn, ranks, &mine[piece])?;
        }
        Ok(Self { requests, step, ranks: ranks.size(), bytes: mine.len(), longest })
    }
}

impl Gathering for MpiGathering {
    fn finish(mut self: Box<Self>) -> Result<Vec<u8>> {
        self.requests.wait(&mut raw::turn()?, self.step, Others::All)?;
        let mut all = Vec::with_capacity(self.ranks * self.bytes);
        for rank in 0..self.ranks {
            for (number, piece) in pieces(self.bytes, self.longest).enumerate() {
                let parts = self.requests.memory(2 * number + 1);
                all.extend_from_slice(&parts[rank * piece.len()..][..piece.len()]);
            }
        }
        Ok(all)
    }
}

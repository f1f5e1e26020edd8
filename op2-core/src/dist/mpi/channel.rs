//! A channel: requests that are made once and started in every round.

use super::pieces::pieces;
use super::raw::{self, Ranks, Requests};
use crate::base::comm::{Channel, Lane};
use crate::base::error::Result;

/// One rank's end of a channel. The memory of the requests is that of the lanes to receive, then that
/// of those to send.
pub(super) struct MpiChannel {
    requests: Requests,
    receives: usize,
}

impl MpiChannel {
    /// The lanes to send, and those to receive.
    pub(super) fn open(
        ranks: &Ranks,
        tag: i32,
        [send, receive]: [&[Lane]; 2],
        longest: usize,
    ) -> Result<Self> {
        // In this sequence: requests that are dropped, should something fail, need the turn.
        let mut requests = Requests::new();
        let mut turn = raw::turn()?;
        // Requests are started in this sequence: what comes finds its place ready.
        for lane in receive {
            let memory = requests.add_memory(lane.bytes)?;
            for piece in pieces(lane.bytes, longest) {
                requests.add_receive(&mut turn, ranks, (memory, piece), lane.rank, tag)?;
            }
        }
        for lane in send {
            let memory = requests.add_memory(lane.bytes)?;
            for piece in pieces(lane.bytes, longest) {
                requests.add_send(&mut turn, ranks, (memory, piece), lane.rank, tag)?;
            }
        }
        Ok(Self { requests, receives: receive.len() })
    }
}

impl Channel for MpiChannel {
    fn outgoing(&mut self, lane: usize) -> &mut [u8] {
        self.requests.memory_mut(self.receives + lane)
    }

    fn start(&mut self) -> Result<()> {
        self.requests.start(&mut raw::turn()?)
    }

    fn progress(&mut self) -> Result<()> {
        self.requests.progress(&mut raw::turn()?)
    }

    fn finish(&mut self) -> Result<()> {
        self.requests.wait(&mut raw::turn()?)
    }

    fn incoming(&self, lane: usize) -> &[u8] {
        assert!(lane < self.receives, "the channel has {} lanes to receive", self.receives);
        self.requests.memory(lane)
    }
}

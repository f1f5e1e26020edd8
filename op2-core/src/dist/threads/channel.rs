//! Messages of fixed lengths between ranks that are threads.
//!
//! `start` copies what is sent into buffers that travel in queues, one queue for each lane; `finish`
//! takes the buffers that have come and puts the ones of the round before back, for the sender to
//! fill again. A sender is at most one round ahead: it finishes a round when the one before is taken, so
//! no queue holds more than two messages. (Under MPI a sender may be held up longer, until the
//! receiver has started the same round, but not without the receiver being late.)

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::hub::{Hub, Wait};
use crate::base::comm::{Channel, Lane};
use crate::base::error::{Error, Result};

/// A lane of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct LaneId {
    channel: u64,
    from: usize,
    to: usize,
}

/// The messages that are on their way on a lane, and buffers for later ones.
#[derive(Debug)]
pub(super) struct LaneQueue {
    full: VecDeque<Vec<u8>>,
    empty: Vec<Vec<u8>>,
    /// How many of its two ends still exist, or will.
    ends: u8,
}

impl LaneQueue {
    fn new() -> Self {
        Self { full: VecDeque::new(), empty: Vec::new(), ends: 2 }
    }
}

/// The lanes of one rank's end of a channel, in the order of its lists.
#[derive(Debug)]
pub(super) struct Route {
    send: Vec<LaneId>,
    receive: Vec<LaneId>,
}

impl Route {
    /// The ranks that still have to send, or to take what was sent a round before.
    pub(super) fn missing(&self, lanes: &HashMap<LaneId, LaneQueue>) -> Vec<usize> {
        let late = self.receive.iter().filter(|id| lanes[*id].full.is_empty());
        let behind = self.send.iter().filter(|id| lanes[*id].full.len() > 1);
        let mut ranks: Vec<_> = late.map(|id| id.from).chain(behind.map(|id| id.to)).collect();
        ranks.sort_unstable();
        ranks.dedup();
        ranks
    }

    fn lanes(&self) -> impl Iterator<Item = &LaneId> {
        self.send.iter().chain(&self.receive)
    }
}

/// One rank's end of a channel.
pub(super) struct ThreadChannel {
    hub: Arc<Hub>,
    rank: usize,
    route: Arc<Route>,
    outgoing: Vec<Vec<u8>>,
    incoming: Vec<Vec<u8>>,
    under_way: bool,
}

impl ThreadChannel {
    /// All ranks have arrived at the meeting of this number, and their lanes agree. Fails if there is not
    /// enough memory.
    pub(super) fn new(
        hub: &Arc<Hub>,
        rank: usize,
        number: u64,
        send: &[Lane],
        receive: &[Lane],
    ) -> Result<Self> {
        let (outgoing, incoming) = (buffers(send)?, buffers(receive)?);
        let to = |lane: &Lane| LaneId { channel: number, from: rank, to: lane.rank };
        let from = |lane: &Lane| LaneId { channel: number, from: lane.rank, to: rank };
        let route = Route {
            send: send.iter().map(to).collect(),
            receive: receive.iter().map(from).collect(),
        };
        let mut state = hub.locked();
        for id in route.lanes() {
            state.lanes.entry(*id).or_insert_with(LaneQueue::new);
        }
        drop(state);
        let (hub, route) = (Arc::clone(hub), Arc::new(route));
        Ok(Self { hub, rank, route, outgoing, incoming, under_way: false })
    }

    /// Buffers to fill, one for each lane; those that have come back, as long as there are any.
    fn empty_buffers(&self) -> Result<Vec<Vec<u8>>> {
        let mut state = self.hub.enter(self.rank)?;
        let mut take = |id| state.lanes.get_mut(id).and_then(|lane| lane.empty.pop());
        Ok(self.route.send.iter().map(|id| take(id).unwrap_or_default()).collect())
    }
}

impl Channel for ThreadChannel {
    fn outgoing(&mut self, lane: usize) -> &mut [u8] {
        assert!(!self.under_way, "the messages of this channel are under way");
        &mut self.outgoing[lane]
    }

    fn start(&mut self) -> Result<()> {
        assert!(!self.under_way, "the messages of this channel are under way");
        let mut buffers = self.empty_buffers()?;
        // Without the lock: ranks pack at the same time.
        for (buffer, outgoing) in buffers.iter_mut().zip(&self.outgoing) {
            buffer.clear();
            buffer.extend_from_slice(outgoing);
        }
        let mut state = self.hub.enter(self.rank)?;
        for (id, buffer) in self.route.send.iter().zip(buffers) {
            let lane = state.lanes.get_mut(id).expect("a lane lasts as long as its ends");
            lane.full.push_back(buffer);
            self.hub.wake(id.to);
        }
        self.under_way = true;
        Ok(())
    }

    fn progress(&mut self) -> Result<()> {
        self.hub.enter(self.rank).map(drop)
    }

    fn finish(&mut self) -> Result<()> {
        let state = self.hub.enter(self.rank)?;
        if !self.under_way {
            return Ok(());
        }
        let mut state = self.hub.wait(state, self.rank, Wait::Round(Arc::clone(&self.route)))?;
        for (id, incoming) in self.route.receive.iter().zip(&mut self.incoming) {
            let lane = state.lanes.get_mut(id).expect("a lane lasts as long as its ends");
            let message = lane.full.pop_front().expect("nothing is missing");
            lane.empty.push(std::mem::replace(incoming, message));
            self.hub.wake(id.from);
        }
        self.under_way = false;
        Ok(())
    }

    fn incoming(&self, lane: usize) -> &[u8] {
        assert!(!self.under_way, "the messages of this channel are under way");
        &self.incoming[lane]
    }
}

impl Drop for ThreadChannel {
    fn drop(&mut self) {
        let mut state = self.hub.locked();
        for id in self.route.lanes() {
            let Some(lane) = state.lanes.get_mut(id) else { continue };
            lane.ends -= 1;
            if lane.ends == 0 {
                state.lanes.remove(id);
            }
        }
    }
}

/// Zeros for each lane.
fn buffers(lanes: &[Lane]) -> Result<Vec<Vec<u8>>> {
    let buffer = |lane: &Lane| {
        let (mut buffer, bytes) = (Vec::new(), lane.bytes);
        let refused = |_| Error::OutOfMemory { what: "messages between ranks".into(), bytes };
        buffer.try_reserve_exact(bytes).map_err(refused)?;
        buffer.resize(bytes, 0);
        Ok(buffer)
    };
    lanes.iter().map(buffer).collect()
}

//! The communicator of ranks that are threads: collective calls, as meetings in the hub.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::channel::ThreadChannel;
use super::hub::{Hub, WORLD};
use super::meet::{Call, MeetId, Message};
use crate::base::comm::{Channel, Comm, Gathering, Lane};
use crate::base::error::{Error, Result};
use crate::dist::lanes;

/// One rank's end of a communicator.
#[derive(Debug)]
pub(super) struct ThreadComm {
    hub: Arc<Hub>,
    rank: usize,
    number: u64,
    /// How many collective calls this rank has made.
    calls: AtomicU64,
}

impl ThreadComm {
    /// That of all ranks.
    pub(super) fn world(hub: &Arc<Hub>, rank: usize) -> Self {
        Self { hub: Arc::clone(hub), rank, number: WORLD, calls: AtomicU64::new(0) }
    }

    /// Gives this rank's part in the next collective call. Gives which it is, and its number.
    fn arrive(&self, call: Call, messages: Vec<Message>) -> Result<(MeetId, u64)> {
        let place = self.calls.fetch_add(1, Ordering::Relaxed);
        let id = MeetId { comm: self.number, call: place };
        let number = self.hub.arrive(self.rank, id, call, messages)?;
        Ok((id, number))
    }

    fn meet(&self, call: Call, messages: Vec<Message>) -> Result<(Vec<Vec<u8>>, u64)> {
        let (id, number) = self.arrive(call, messages)?;
        let messages = self.hub.collect(self.rank, id, call)?;
        Ok((messages.into_iter().map(Arc::unwrap_or_clone).collect(), number))
    }

    /// The same message for every rank.
    fn to_all(&self, mine: &[u8]) -> Vec<Message> {
        let message = Arc::new(mine.to_vec());
        vec![message; self.hub.ranks()]
    }

    /// Ends all ranks if this one has found a fault.
    fn agree(&self, found: Result<()>) -> Result<()> {
        found.map_err(|error| match error {
            Error::Rank { rank, reason } => self.hub.fail(rank, reason),
            other => self.hub.fail(self.rank, other.to_string()),
        })
    }
}

impl Comm for ThreadComm {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.hub.ranks()
    }

    fn all_gather(&self, mine: &[u8]) -> Result<Vec<Vec<u8>>> {
        Ok(self.meet(Call::AllGather, self.to_all(mine))?.0)
    }

    fn all_to_all(&self, send: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>> {
        assert_eq!(send.len(), self.size(), "one message for each rank");
        Ok(self.meet(Call::AllToAll, send.into_iter().map(Arc::new).collect())?.0)
    }

    fn start_gather(&self, mine: &[u8]) -> Result<Box<dyn Gathering>> {
        let (id, _) = self.arrive(Call::StartGather, self.to_all(mine))?;
        let (hub, rank) = (Arc::clone(&self.hub), self.rank);
        Ok(Box::new(ThreadGathering { hub, rank, id, collected: false }))
    }

    fn channel(&self, send: &[Lane], receive: &[Lane]) -> Result<Box<dyn Channel>> {
        self.agree(lanes::check(self.rank, self.size(), send, receive))?;
        let announced = lanes::announcements(self.size(), send).into_iter();
        let messages = announced.map(|bytes| Arc::new(bytes.to_le_bytes().to_vec())).collect();
        let (theirs, number) = self.meet(Call::OpenChannel, messages)?;
        let word = |bytes: Vec<u8>| u64::from_le_bytes(bytes.try_into().expect("a word"));
        let announced: Vec<_> = theirs.into_iter().map(word).collect();
        self.agree(lanes::compare(self.rank, receive, &announced))?;
        Ok(Box::new(ThreadChannel::new(&self.hub, self.rank, number, send, receive)?))
    }

    fn duplicate(&self) -> Result<Arc<dyn Comm>> {
        let (_, number) = self.meet(Call::Duplicate, self.to_all(&[]))?;
        let (hub, rank) = (Arc::clone(&self.hub), self.rank);
        Ok(Arc::new(Self { hub, rank, number, calls: AtomicU64::new(0) }))
    }

    fn abort(&self, reason: &str) {
        self.hub.fail(self.rank, reason.into());
    }
}

/// A collective call whose result is asked for later.
struct ThreadGathering {
    hub: Arc<Hub>,
    rank: usize,
    id: MeetId,
    collected: bool,
}

impl Gathering for ThreadGathering {
    fn finish(mut self: Box<Self>) -> Result<Vec<u8>> {
        let parts = self.hub.collect(self.rank, self.id, Call::StartGather)?;
        self.collected = true;
        let bytes = parts[0].len();
        if let Some(other) = parts.iter().position(|part| part.len() != bytes) {
            let other_bytes = parts[other].len();
            let reason = format!("gathers {other_bytes} bytes where rank 0 gathers {bytes}");
            return Err(self.hub.fail(other, reason));
        }
        Ok(parts.iter().map(|part| part.as_slice()).collect::<Vec<_>>().concat())
    }
}

impl Drop for ThreadGathering {
    fn drop(&mut self) {
        if !self.collected {
            self.hub.leave(self.id);
        }
    }
}

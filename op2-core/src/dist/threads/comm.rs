//! The communicator of ranks that are threads: collective calls, as meetings in the hub.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::channel::ThreadChannel;
use super::hub::{Hub, WORLD};
use super::meet::{Call, MeetId, Message};
use crate::base::comm::{Channel, Comm, Gathering, Lane};
use crate::base::error::Result;

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

    /// Looks whether what others send here is what is awaited, and the reverse.
    fn compare(&self, theirs: &[Vec<u8>], send: &[Lane], receive: &[Lane]) -> Result<()> {
        for (other, bytes) in theirs.iter().enumerate() {
            let (sends, awaits) = decode(bytes);
            let (receives, gives) = (bytes_of(receive, other), bytes_of(send, other));
            let reason = if sends != receives {
                mismatch("sends", sends, self.rank, "awaits", receives)
            } else if awaits != gives {
                mismatch("awaits", awaits, self.rank, "sends", gives)
            } else {
                continue;
            };
            return Err(self.hub.fail(other, reason));
        }
        Ok(())
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
        if let Some(reason) = unusable(self.rank, self.size(), send, receive) {
            return Err(self.hub.fail(self.rank, reason));
        }
        let to = |other| Arc::new(encode(bytes_of(send, other), bytes_of(receive, other)));
        let (theirs, number) = self.meet(Call::OpenChannel, (0..self.size()).map(to).collect())?;
        self.compare(&theirs, send, receive)?;
        Ok(Box::new(ThreadChannel::new(&self.hub, self.rank, number, send, receive)))
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

/// What cannot be a list of lanes, and why.
fn unusable(rank: usize, ranks: usize, send: &[Lane], receive: &[Lane]) -> Option<String> {
    let fault = |lanes: &[Lane], place: usize| match lanes[place].rank {
        other if other >= ranks => Some(format!("rank {other} of {ranks}")),
        other if other == rank => Some("the rank itself".into()),
        other if lanes[..place].iter().any(|before| before.rank == other) => {
            Some(format!("rank {other} a second time"))
        }
        _ => None,
    };
    [("sends to", send), ("receives from", receive)].into_iter().find_map(|(verb, lanes)| {
        let fault = (0..lanes.len()).find_map(|place| fault(lanes, place))?;
        Some(format!("opens a channel that {verb} {fault}"))
    })
}

fn bytes_of(lanes: &[Lane], rank: usize) -> Option<usize> {
    lanes.iter().find(|lane| lane.rank == rank).map(|lane| lane.bytes)
}

/// Two lengths, or that there is no lane.
fn encode(sends: Option<usize>, awaits: Option<usize>) -> Vec<u8> {
    let word = |bytes: Option<usize>| bytes.unwrap_or(usize::MAX).to_le_bytes();
    [word(sends), word(awaits)].concat()
}

fn decode(bytes: &[u8]) -> (Option<usize>, Option<usize>) {
    const WORD: usize = size_of::<usize>();
    let word = |place: usize| {
        let bytes = bytes[place * WORD..][..WORD].try_into().expect("a word has this many bytes");
        Some(usize::from_le_bytes(bytes)).filter(|bytes| *bytes != usize::MAX)
    };
    (word(0), word(1))
}

fn mismatch(
    verb: &str,
    theirs: Option<usize>,
    rank: usize,
    other_verb: &str,
    mine: Option<usize>,
) -> String {
    let text = |bytes: Option<usize>| match bytes {
        Some(bytes) => format!("{bytes} bytes"),
        None => "nothing".into(),
    };
    let (theirs, mine) = (text(theirs), text(mine));
    format!("{verb} {theirs} by a channel where rank {rank} {other_verb} {mine}")
}

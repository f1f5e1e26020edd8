//! The communicator of ranks that are processes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::channel::{MpiChannel, Opening};
use super::gathering::MpiGathering;
use super::pieces::{pieces, shared_piece};
use super::raw::{self, Ranks, process};
use crate::base::comm::{Channel, Comm, Gathering, Lane, in_room};
use crate::base::error::{Error, Result};
use crate::base::room::{MemoryKind, Room};
use crate::dist::lanes;

/// One rank's end of a communicator.
pub(super) struct MpiComm {
    ranks: Ranks,
    /// The longest message, in bytes.
    longest: usize,
    /// How many channels were opened. As that is collective, the ranks agree on it, and channels on
    /// their tags.
    channels: AtomicUsize,
}

impl MpiComm {
    pub(super) fn new(ranks: Ranks, longest: usize) -> Self {
        Self { ranks, longest, channels: AtomicUsize::new(0) }
    }

    /// What tells the messages of a new channel from those of others. No tag comes a second time:
    /// nobody knows whether all ranks are done with the first.
    fn new_tag(&self) -> Result<i32> {
        // 0 is for what is not a channel's.
        let number = self.channels.fetch_add(1, Ordering::Relaxed) + 1;
        let tag = i32::try_from(number).ok().filter(|tag| *tag <= self.ranks.last_tag());
        tag.ok_or_else(|| {
            let reason = "no more channels can be opened; MPI has no more tags";
            Error::Rank { rank: self.rank(), reason: reason.into() }
        })
    }
}

impl MpiComm {
    fn open(
        &self,
        send: &[Lane],
        receive: &[Lane],
        rooms: Option<[Arc<dyn Room>; 2]>,
    ) -> Result<Box<dyn Channel>> {
        let tag = self.new_tag()?;
        lanes::check(self.rank(), self.size(), send, receive)?;
        let mine = lanes::announcements(self.size(), send);
        let announced = raw::all_to_all_words(&mut raw::turn()?, &self.ranks, &mine)?;
        lanes::compare(self.rank(), receive, &announced)?;
        let opening = Opening { tag, send, receive, longest: self.longest };
        Ok(Box::new(MpiChannel::open(&self.ranks, &opening, rooms)?))
    }
}

impl Comm for MpiComm {
    fn rank(&self) -> usize {
        self.ranks.rank()
    }

    fn size(&self) -> usize {
        self.ranks.size()
    }

    fn all_gather(&self, mine: &[u8]) -> Result<Vec<Vec<u8>>> {
        let mut turn = raw::turn()?;
        let lengths = raw::all_gather_words(&mut turn, &self.ranks, mine.len() as u64)?;
        let lengths: Vec<_> = lengths.into_iter().map(|bytes| bytes as usize).collect();
        let mut all: Vec<_> = lengths.iter().map(|bytes| Vec::with_capacity(*bytes)).collect();
        let piece = shared_piece(&lengths, self.longest);
        let whole = lengths.iter().copied().max().unwrap_or(0);
        for range in pieces(whole, piece) {
            let here = |bytes: usize| range.start.min(bytes)..range.end.min(bytes);
            let counts: Vec<_> = lengths.iter().map(|bytes| here(*bytes).len()).collect();
            let part = &mine[here(mine.len())];
            let parts = raw::all_gather_bytes(&mut turn, &self.ranks, part, &counts)?;
            let mut rest = parts.as_slice();
            for (bytes, count) in all.iter_mut().zip(counts) {
                let (next, after) = rest.split_at(count);
                bytes.extend_from_slice(next);
                rest = after;
            }
        }
        Ok(all)
    }

    fn all_to_all(&self, send: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>> {
        assert_eq!(send.len(), self.size(), "one message for each rank");
        let mut turn = raw::turn()?;
        let lengths: Vec<_> = send.iter().map(|message| message.len() as u64).collect();
        let lengths = raw::all_to_all_words(&mut turn, &self.ranks, &lengths)?;
        raw::exchange(&mut turn, &self.ranks, send, &lengths, self.longest)
    }

    fn start_gather(&self, mine: &[u8]) -> Result<Box<dyn Gathering>> {
        Ok(Box::new(MpiGathering::start(&self.ranks, mine, self.longest)?))
    }

    fn channel(&self, send: &[Lane], receive: &[Lane]) -> Result<Box<dyn Channel>> {
        self.open(send, receive, None)
    }

    fn channel_with_rooms(
        &self,
        send: &[Lane],
        receive: &[Lane],
        rooms: [Arc<dyn Room>; 2],
    ) -> Result<Box<dyn Channel>> {
        for (room, lanes) in rooms.iter().zip([send, receive]) {
            if self.reaches(room.kind()) == Some(false) {
                let kind = room.kind();
                return Err(Error::other(format!("MPI does not reach memory of kind {kind:?}")));
            }
            let bytes = in_room(lanes).last().map_or(0, |range| range.end);
            assert!(bytes <= room.bytes(), "{bytes} bytes of messages, a room of {}", room.bytes());
        }
        self.open(send, receive, Some(rooms))
    }

    fn reaches(&self, memory: MemoryKind) -> Option<bool> {
        match memory {
            MemoryKind::Host => Some(true),
            MemoryKind::Cuda => raw::knows_cuda(),
        }
    }

    fn duplicate(&self) -> Result<Arc<dyn Comm>> {
        let ranks = self.ranks.duplicate(&mut raw::turn()?)?;
        Ok(Arc::new(Self::new(ranks, self.longest)))
    }

    fn note(&self, error: &Error) {
        process::note(error);
    }

    fn abort(&self, reason: &str) {
        process::abort(reason)
    }
}

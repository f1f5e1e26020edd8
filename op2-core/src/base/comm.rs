//! Ranks: what a context must know of the others that run the same program.
//!
//! A rank is one of several runs of a program, each with memory of its own, numbered from 0. All
//! ranks of a communicator call the *collective* methods, in the same sequence. Messages are bytes;
//! what they mean is left to the floors above. The implementations are in `dist`.

use std::ops::Range;
use std::sync::Arc;

use crate::base::error::{Error, Result};
use crate::base::room::{MemoryKind, Room};

/// The ranks of a program and how they talk.
///
/// Every method that fails says which rank has ended, or disagrees, and why. After that the
/// communicator is of no further use: all its methods fail with the same reason.
pub trait Comm: Send + Sync + 'static {
    /// The number of this rank.
    fn rank(&self) -> usize;

    /// How many ranks there are.
    fn size(&self) -> usize;

    /// The bytes of all ranks, by rank; lengths may differ. Collective.
    ///
    /// # Errors
    /// A rank has ended or calls something else.
    fn all_gather(&self, mine: &[u8]) -> Result<Vec<Vec<u8>>>;

    /// Sends `send[r]` to rank `r`, and gives what each rank sent here, by rank. Collective.
    ///
    /// # Errors
    /// A rank has ended or calls something else.
    ///
    /// # Panics
    /// There is not one message for each rank.
    fn all_to_all(&self, send: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>>;

    /// Starts to gather the bytes of all ranks, as many from each. Collective, but nobody waits for
    /// anybody before [`Gathering::finish`]. Several may be under way; they are started in the same
    /// sequence on all ranks.
    ///
    /// # Errors
    /// A rank has ended.
    fn start_gather(&self, mine: &[u8]) -> Result<Box<dyn Gathering>>;

    /// Opens a way for messages of fixed lengths to and from neighbors, used again and again.
    /// Collective: ranks without neighbors open one without lanes. What one rank has as a lane to
    /// send, the other has as one to receive, of the same length; no rank is named twice in one list,
    /// and no rank names itself.
    ///
    /// # Errors
    /// A rank has ended; not enough memory.
    fn channel(&self, send: &[Lane], receive: &[Lane]) -> Result<Box<dyn Channel>>;

    /// Opens a channel whose messages may also be in rooms: sent out of the first, received into the
    /// second. Only this rank is concerned; the other end of a lane may be in a buffer. Collective, as
    /// [`channel`](Self::channel); the others may call that one. Where [`reaches`](Self::reaches) cannot
    /// say whether memory is reached, nobody checks it: messages then end the program if it is not.
    ///
    /// # Errors
    /// As [`channel`](Self::channel). Here alone, before anything: the memory is not reached.
    ///
    /// # Panics
    /// A room is too small for its lanes ([`in_room`]).
    fn channel_with_rooms(
        &self,
        _send: &[Lane],
        _receive: &[Lane],
        _rooms: [Arc<dyn Room>; 2],
    ) -> Result<Box<dyn Channel>> {
        Err(Error::other("these ranks cannot send messages out of the memory of devices"))
    }

    /// Whether messages can be sent out of such memory and received into it. `None` where it cannot be
    /// known, and the user has to say.
    fn reaches(&self, _memory: MemoryKind) -> Option<bool> {
        Some(false)
    }

    /// The same ranks with messages of their own, so that two contexts never mix theirs. Collective.
    ///
    /// # Errors
    /// A rank has ended.
    fn duplicate(&self) -> Result<Arc<dyn Comm>>;

    /// Keeps an error for the message with which this rank ends, should it end because of it.
    fn note(&self, _error: &Error) {}

    /// Ends all ranks, whatever they are doing, and tells them why. Where a rank is a process it does
    /// not return.
    fn abort(&self, reason: &str);
}

/// A message of a [`Channel`]: to or from whom, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    /// The other rank.
    pub rank: usize,
    /// Bytes of the message.
    pub bytes: usize,
}

/// Where the messages of lanes lie in a room: one after the other, each from a multiple of 8 on.
pub fn in_room(lanes: &[Lane]) -> impl Iterator<Item = Range<usize>> {
    lanes.iter().scan(0_usize, |end, lane| {
        let start = end.next_multiple_of(8);
        *end = start + lane.bytes;
        Some(start..*end)
    })
}

/// Where the messages of a round are on this rank: in the buffers of the channel, or in its rooms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    /// Messages are sent out of the room.
    pub out_of_room: bool,
    /// Messages are received into the room.
    pub into_room: bool,
}

/// Bytes that are on their way from all ranks to all.
pub trait Gathering: Send {
    /// Waits for them: the bytes of all ranks, one after the other by rank.
    ///
    /// # Errors
    /// A rank has ended.
    fn finish(self: Box<Self>) -> Result<Vec<u8>>;
}

/// What takes long while messages are under way calls this now and then, so that they make progress; `None`
/// where none are.
pub type Progress<'a> = Option<&'a (dyn Fn() + Sync)>;

/// Messages between neighbors, of fixed lengths, in buffers that belong to the channel.
///
/// One round: fill the outgoing buffers, `start`, compute, `finish`, read the incoming ones. Only
/// neighbors take part in a round, and they take part in the same sequence of rounds.
pub trait Channel: Send {
    /// The buffer of a lane to send, by its place in the list. It keeps what it holds.
    ///
    /// # Panics
    /// Messages are under way.
    fn outgoing(&mut self, lane: usize) -> &mut [u8];

    /// Starts to send and to receive all messages.
    ///
    /// # Errors
    /// A rank has ended.
    ///
    /// # Panics
    /// Messages are under way.
    fn start(&mut self) -> Result<()>;

    /// As [`start`](Self::start), with messages in the rooms of the channel. What is sent out of a room
    /// stays there unchanged, and nobody looks at what is received into one, until the round is over.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    ///
    /// # Panics
    /// As [`start`](Self::start); the channel has no rooms.
    fn start_in_rooms(&mut self, ends: Ends) -> Result<()> {
        assert_eq!(ends, Ends::default(), "the channel has no rooms");
        self.start()
    }

    /// Lets messages that are under way make progress, without waiting.
    ///
    /// # Errors
    /// A rank has ended.
    fn progress(&mut self) -> Result<()>;

    /// Waits until all messages are sent and received; if there are any under way.
    ///
    /// # Errors
    /// A rank has ended.
    fn finish(&mut self) -> Result<()>;

    /// The message of a lane to receive, by its place in the list; that of the last finished round
    /// whose messages came into the channel's buffers.
    ///
    /// # Panics
    /// Messages are under way.
    fn incoming(&self, lane: usize) -> &[u8];
}

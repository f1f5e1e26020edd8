//! A collective call of all ranks, from the first that arrives to the last that leaves.
//!
//! Every collective call is an exchange of one message from each rank to each; what else it means is
//! left to `comm`. Messages that are the same for many ranks are one allocation until they are taken.

use std::fmt;
use std::sync::Arc;

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    AllGather,
    AllToAll,
    StartGather,
    OpenChannel,
    Duplicate,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AllGather => "`all_gather`",
            Self::AllToAll => "`all_to_all`",
            Self::StartGather => "`start_gather`",
            Self::OpenChannel => "`channel`",
            Self::Duplicate => "`duplicate`",
        })
    }
}

/// Which collective call: the communicator's number, and the place in its sequence of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct MeetId {
    pub(super) comm: u64,
    pub(super) call: u64,
}

/// A message while it changes hands.
pub(super) type Message = Arc<Vec<u8>>;

/// One collective call of all ranks.
#[derive(Debug)]
pub(super) struct Meet {
    pub(super) call: Call,
    /// The rank that came first; it says which call this is.
    pub(super) first: usize,
    /// Unique among all meetings: the number of a channel or communicator that comes of it.
    pub(super) number: u64,
    /// From each rank that has arrived, the messages by receiver.
    arrived: Vec<Option<Vec<Message>>>,
    /// How many ranks have taken what is theirs, or never will.
    left: usize,
}

impl Meet {
    pub(super) fn new(call: Call, first: usize, number: u64, ranks: usize) -> Self {
        Self { call, first, number, arrived: (0..ranks).map(|_| None).collect(), left: 0 }
    }

    pub(super) fn arrive(&mut self, rank: usize, messages: Vec<Message>) {
        debug_assert_eq!(messages.len(), self.arrived.len(), "one message for each rank");
        self.arrived[rank] = Some(messages);
    }

    /// Who has not arrived yet.
    pub(super) fn missing(&self) -> impl Iterator<Item = usize> {
        (0..self.arrived.len()).filter(|rank| self.arrived[*rank].is_none())
    }

    /// The messages to this rank, by sender. All have arrived.
    pub(super) fn take(&mut self, rank: usize) -> Vec<Message> {
        let from = self.arrived.iter_mut().map(|messages| messages.as_mut().expect("all arrived"));
        from.map(|messages| std::mem::take(&mut messages[rank])).collect()
    }

    /// A rank is done with this; whether it was the last.
    pub(super) fn leave(&mut self) -> bool {
        self.left += 1;
        self.left == self.arrived.len()
    }
}

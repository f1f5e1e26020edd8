//! One exchange of halo values: pack, send, receive, unpack; wherever the values are.
//!
//! An exchange brings one or several dats up to date for a loop, with one message to each neighbor.
//! Before the rows of a message stands what tells one exchange from another. Where messages may be in the
//! memory of devices, which the host does not look into, that goes in short messages of its own.

use std::ops::Range;
use std::sync::Arc;

use crate::base::comm::{Channel, Comm, Ends, Lane, in_room};
use crate::base::error::{Error, Result};
use crate::base::room::Room;
use crate::dist::needs::Lists;

/// Bytes of what tells one exchange from another.
const LABEL: usize = size_of::<u64>();

/// What one dat brings into an exchange.
#[derive(Clone, Debug)]
pub struct Item {
    /// Which rows.
    pub lists: Arc<Lists>,
    /// Size of one row.
    pub row_bytes: usize,
}

/// The rows of an exchange, and where they are in its messages.
#[derive(Debug)]
pub struct Messages {
    items: Vec<Item>,
    /// Bytes of each message before its rows.
    head: usize,
    send: Vec<Lane>,
    receive: Vec<Lane>,
}

/// A way for the rows of some dats to neighbors, used again and again.
pub struct Exchange {
    channel: Box<dyn Channel>,
    /// For the labels, where messages have none.
    labels: Option<Box<dyn Channel>>,
    messages: Messages,
    /// What neighbors must agree on.
    label: u64,
    round: u64,
    what: u64,
}

/// Messages and bytes of a round, as this rank sends them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Messages to other ranks.
    pub messages: u64,
    /// Bytes of rows in them.
    pub bytes: u64,
}

/// Which way messages go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// To neighbors.
    Send,
    /// From them.
    Receive,
}

impl Side {
    fn rows(self, lists: &Lists) -> &[(usize, Vec<u32>)] {
        match self {
            Self::Send => &lists.export,
            Self::Receive => &lists.import,
        }
    }
}

impl Messages {
    /// The messages for these rows: with labels in them, or, if `apart`, in others. All ranks say the same.
    pub fn new(items: Vec<Item>, apart: bool) -> Self {
        let head = if apart { 0 } else { LABEL };
        let lanes = |side| lanes(&items, side, head);
        let (send, receive) = (lanes(Side::Send), lanes(Side::Receive));
        Self { items, head, send, receive }
    }

    /// The lanes of messages.
    pub fn lanes(&self, side: Side) -> &[Lane] {
        match side {
            Side::Send => &self.send,
            Side::Receive => &self.receive,
        }
    }

    /// Where the rows of an item are if all messages lie in one room, rank after rank as in its lists.
    pub fn places(&self, side: Side, item: usize) -> Vec<usize> {
        let lanes = self.lanes(side);
        let mut places = Vec::new();
        for (lane, room) in lanes.iter().zip(in_room(lanes)) {
            for part in parts(&self.items, side, lane.rank, self.head) {
                if part.item == item {
                    let first = room.start + part.range.start;
                    let row_bytes = self.items[item].row_bytes;
                    places.extend((0..part.rows.len()).map(|row| first + row * row_bytes));
                }
            }
        }
        places
    }
}

/// Rows of an item in a message.
pub struct Rows<'a> {
    /// The place of the item.
    pub item: usize,
    /// Which rows.
    pub numbers: &'a [u32],
    /// Where they are in the room of all messages.
    pub range: Range<usize>,
}

impl Exchange {
    /// Opens the way. Collective. `label` is the same on all ranks, and different for different
    /// exchanges of one communicator. With rooms, messages may be in them, those to send in the first.
    ///
    /// # Errors
    /// Those of the ranks.
    ///
    /// # Panics
    /// There are rooms, and labels in the messages.
    pub fn open(
        comm: &dyn Comm,
        messages: Messages,
        label: u64,
        rooms: Option<[Arc<dyn Room>; 2]>,
    ) -> Result<Self> {
        let Messages { send, receive, head, .. } = &messages;
        let labels = if *head == 0 {
            let short = |lanes: &[Lane]| -> Vec<Lane> {
                lanes.iter().map(|lane| Lane { bytes: LABEL, ..*lane }).collect()
            };
            Some(comm.channel(&short(send), &short(receive))?)
        } else {
            assert!(rooms.is_none(), "the host looks at labels");
            None
        };
        let channel = match rooms {
            Some(rooms) => comm.channel_with_rooms(send, receive, rooms)?,
            None => comm.channel(send, receive)?,
        };
        Ok(Self { channel, labels, messages, label, round: 0, what: 0 })
    }

    /// The messages.
    pub fn messages(&self) -> &Messages {
        &self.messages
    }

    /// Packs and starts to send and receive. `what` says whose rows they are: the same on all ranks that
    /// exchange the same. `pack` is given some rows and where they are to go; nothing is asked of it where
    /// messages are sent out of a room.
    ///
    /// # Errors
    /// Those of `pack` and of the ranks.
    ///
    /// # Panics
    /// A room is meant, and there is none.
    pub fn start(
        &mut self,
        what: u64,
        ends: Ends,
        mut pack: impl FnMut(Rows<'_>, &mut [u8]) -> Result<()>,
    ) -> Result<Sent> {
        self.round += 1;
        self.what = what;
        let label = self.label(what);
        let Messages { items, head, send, .. } = &self.messages;
        let mut sent = Sent::default();
        for ((lane, &Lane { rank, .. }), room) in send.iter().enumerate().zip(in_room(send)) {
            let carrier = self.labels.as_mut().unwrap_or(&mut self.channel);
            carrier.outgoing(lane)[..LABEL].copy_from_slice(&label);
            sent.messages += 1;
            for part in parts(items, Side::Send, rank, *head) {
                let range = part.range.clone();
                sent.bytes += range.len() as u64;
                if !ends.out_of_room {
                    let message = self.channel.outgoing(lane);
                    pack(part.from(room.start), &mut message[range])?;
                }
            }
        }
        if let Some(labels) = &mut self.labels {
            labels.start()?;
        }
        self.channel.start_in_rooms(ends)?;
        Ok(sent)
    }

    /// Instead of [`start`](Self::start) and [`finish`](Self::finish) on a rank that cannot send its rows:
    /// neighbors are told, instead of waiting.
    pub fn give_up(&mut self, what: u64) {
        let ends = Ends::default();
        if self.start(!what, ends, |_, _| Ok(())).is_ok() {
            // What comes is of no use any more.
            self.finish(ends, |_, _| Ok(())).ok();
        }
    }

    /// Lets messages make progress, without waiting.
    ///
    /// # Errors
    /// Those of the ranks.
    pub fn progress(&mut self) -> Result<()> {
        // First those that may be in rooms: whoever reaches these may make progress with all.
        self.channel.progress()?;
        match &mut self.labels {
            Some(labels) => labels.progress(),
            None => Ok(()),
        }
    }

    /// Waits for all messages and has them unpacked: `unpack` is given some rows and where they are. Nothing is
    /// asked of it if they are in a room: if the round was started so.
    ///
    /// # Errors
    /// A neighbor exchanges something else; those of `unpack` and of the ranks.
    pub fn finish(
        &mut self,
        ends: Ends,
        mut unpack: impl FnMut(Rows<'_>, &[u8]) -> Result<()>,
    ) -> Result<()> {
        self.channel.finish()?;
        if let Some(labels) = &mut self.labels {
            labels.finish()?;
        }
        let (label, given_up) = (self.label(self.what), self.label(!self.what));
        let Messages { items, head, receive, .. } = &self.messages;
        for ((lane, &Lane { rank, .. }), room) in receive.iter().enumerate().zip(in_room(receive)) {
            let carrier = self.labels.as_ref().unwrap_or(&self.channel);
            let found = &carrier.incoming(lane)[..LABEL];
            if *found == given_up {
                let reason = "it failed before it could send halo values";
                return Err(Error::Rank { rank, reason: reason.into() });
            }
            if *found != label {
                let reason = "it exchanges other values than the rest: ranks run different loops, or touch data between them differently; the checked mode says which";
                return Err(Error::Rank { rank, reason: reason.into() });
            }
            if !ends.into_room {
                let message = self.channel.incoming(lane);
                for part in parts(items, Side::Receive, rank, *head) {
                    let range = part.range.clone();
                    unpack(part.from(room.start), &message[range])?;
                }
            }
        }
        Ok(())
    }

    fn label(&self, what: u64) -> [u8; LABEL] {
        // Any two that differ in one of the three differ, but by a chance of one in 2^64.
        let number = self.label << 32 | self.round & u64::from(u32::MAX);
        (number ^ what).to_le_bytes()
    }
}

/// One message to each rank that any item has rows for.
fn lanes(items: &[Item], side: Side, head: usize) -> Vec<Lane> {
    let mut ranks: Vec<usize> =
        items.iter().flat_map(|item| side.rows(&item.lists)).map(|(rank, _)| *rank).collect();
    ranks.sort_unstable();
    ranks.dedup();
    let bytes = |rank| parts(items, side, rank, head).last().map_or(head, |part| part.range.end);
    ranks.into_iter().map(|rank| Lane { rank, bytes: bytes(rank) }).collect()
}

/// Rows of an item in the message to or from a rank.
struct InMessage<'a> {
    item: usize,
    rows: &'a [u32],
    range: Range<usize>,
}

impl<'a> InMessage<'a> {
    fn from(self, message: usize) -> Rows<'a> {
        let Self { item, rows: numbers, range } = self;
        Rows { item, numbers, range: message + range.start..message + range.end }
    }
}

/// The parts of the message to or from a rank, each from a multiple of 8 on.
fn parts(
    items: &[Item],
    side: Side,
    rank: usize,
    head: usize,
) -> impl Iterator<Item = InMessage<'_>> {
    let mut end = head;
    items.iter().enumerate().filter_map(move |(i, item)| {
        let (_, rows) = side.rows(&item.lists).iter().find(|(other, _)| *other == rank)?;
        let start = end.next_multiple_of(8);
        end = start + rows.len() * item.row_bytes;
        Some(InMessage { item: i, rows, range: start..end })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_rows_in_messages() {
        let lists = |export: &[(usize, &[u32])]| {
            let export = export.iter().map(|(rank, rows)| (*rank, rows.to_vec())).collect();
            Arc::new(Lists { import: Vec::new(), export })
        };
        let items = vec![
            Item { lists: lists(&[(0, &[4, 5, 6]), (3, &[7])]), row_bytes: 1 },
            Item { lists: lists(&[(2, &[1, 2]), (3, &[8, 9])]), row_bytes: 24 },
        ];
        // To rank 0: 3 bytes. To rank 2: 48. To rank 3: 1, up to 8 nothing, 48.
        let apart = Messages::new(items.clone(), true);
        assert_eq!(apart.places(Side::Send, 0), [0, 1, 2, 56]);
        assert_eq!(apart.places(Side::Send, 1), [8, 32, 64, 88]);
        assert_eq!(apart.lanes(Side::Send)[2], Lane { rank: 3, bytes: 56 });
        assert_eq!(apart.places(Side::Receive, 1), []);
        // The same behind labels.
        let together = Messages::new(items, false);
        assert_eq!(together.places(Side::Send, 0), [8, 9, 10, 80]);
        assert_eq!(together.places(Side::Send, 1), [24, 48, 88, 112]);
    }
}

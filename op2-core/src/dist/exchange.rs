//! One exchange of halo values: pack, send, receive, unpack; wherever the values are.
//!
//! An exchange brings one or several dats up to date for a loop, with one message to each neighbor.

use std::sync::Arc;

use crate::base::comm::{Channel, Comm, Lane};
use crate::base::error::{Error, Result};
use crate::dist::needs::Lists;

/// Bytes before the rows: what tells one exchange from another.
const HEADER: usize = size_of::<u64>();

/// What one dat brings into an exchange.
#[derive(Clone, Debug)]
pub struct Item {
    /// Which rows.
    pub lists: Arc<Lists>,
    /// Size of one row.
    pub row_bytes: usize,
}

/// A way for the rows of some dats to neighbors, used again and again.
pub struct Exchange {
    channel: Box<dyn Channel>,
    items: Vec<Item>,
    send: Vec<Lane>,
    receive: Vec<Lane>,
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

/// Which lists of an item are meant.
type Side = fn(&Lists) -> &[(usize, Vec<u32>)];

fn export(lists: &Lists) -> &[(usize, Vec<u32>)] {
    &lists.export
}

fn import(lists: &Lists) -> &[(usize, Vec<u32>)] {
    &lists.import
}

impl Exchange {
    /// Opens the way. Collective. `label` is the same on all ranks, and different for different
    /// exchanges of one communicator.
    ///
    /// # Errors
    /// Those of the ranks.
    pub fn open(comm: &dyn Comm, items: Vec<Item>, label: u64) -> Result<Self> {
        let (send, receive) = (lanes(&items, export), lanes(&items, import));
        let channel = comm.channel(&send, &receive)?;
        Ok(Self { channel, items, send, receive, label, round: 0, what: 0 })
    }

    /// Packs and starts to send and receive. `what` says whose rows they are: the same on all ranks that
    /// exchange the same. `pack` is given the place of an item, some of its rows and where they are to go.
    ///
    /// # Errors
    /// Those of `pack` and of the ranks.
    pub fn start(
        &mut self,
        what: u64,
        mut pack: impl FnMut(usize, &[u32], &mut [u8]) -> Result<()>,
    ) -> Result<Sent> {
        self.round += 1;
        self.what = what;
        let header = self.header();
        let mut sent = Sent::default();
        for (lane, &Lane { rank, bytes }) in self.send.iter().enumerate() {
            let message = self.channel.outgoing(lane);
            message[..HEADER].copy_from_slice(&header);
            for (item, rows, range) in parts(&self.items, export, rank) {
                pack(item, rows, &mut message[range])?;
            }
            sent.messages += 1;
            sent.bytes += (bytes - HEADER) as u64;
        }
        self.channel.start()?;
        Ok(sent)
    }

    /// Lets messages make progress, without waiting.
    ///
    /// # Errors
    /// Those of the ranks.
    pub fn progress(&mut self) -> Result<()> {
        self.channel.progress()
    }

    /// Waits for all messages and has them unpacked: `unpack` is given the place of an item, some of its
    /// rows and where they are.
    ///
    /// # Errors
    /// A neighbor exchanges something else; those of `unpack` and of the ranks.
    pub fn finish(
        &mut self,
        mut unpack: impl FnMut(usize, &[u32], &[u8]) -> Result<()>,
    ) -> Result<()> {
        self.channel.finish()?;
        let header = self.header();
        for (lane, &Lane { rank, .. }) in self.receive.iter().enumerate() {
            let message = self.channel.incoming(lane);
            if message[..HEADER] != header {
                let reason = "it exchanges other values than the rest: ranks run different loops, or touch data between them differently; the checked mode says which";
                return Err(Error::Rank { rank, reason: reason.into() });
            }
            for (item, rows, range) in parts(&self.items, import, rank) {
                unpack(item, rows, &message[range])?;
            }
        }
        Ok(())
    }

    fn header(&self) -> [u8; HEADER] {
        // Any two that differ in one of the three differ, but by a chance of one in 2^64.
        let number = self.label << 32 | self.round & u64::from(u32::MAX);
        (number ^ self.what).to_le_bytes()
    }
}

/// One message to each rank that any item has rows for.
fn lanes(items: &[Item], side: Side) -> Vec<Lane> {
    let mut ranks: Vec<usize> =
        items.iter().flat_map(|item| side(&item.lists)).map(|(rank, _)| *rank).collect();
    ranks.sort_unstable();
    ranks.dedup();
    let bytes = |rank| parts(items, side, rank).last().map_or(HEADER, |(_, _, range)| range.end);
    ranks.into_iter().map(|rank| Lane { rank, bytes: bytes(rank) }).collect()
}

/// The parts of the message to or from a rank: which item, which rows, and where in the message.
fn parts(
    items: &[Item],
    side: Side,
    rank: usize,
) -> impl Iterator<Item = (usize, &[u32], std::ops::Range<usize>)> {
    let mut end = HEADER;
    items.iter().enumerate().filter_map(move |(i, item)| {
        let (_, rows) = side(&item.lists).iter().find(|(other, _)| *other == rank)?;
        let start = end;
        end += rows.len() * item.row_bytes;
        Some((i, &rows[..], start..end))
    })
}

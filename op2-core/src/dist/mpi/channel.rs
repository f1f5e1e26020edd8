//! A channel: requests that are made once and started in every round.

use std::sync::Arc;

use super::pieces::pieces;
use super::raw::{self, Others, Piece, Ranks, Requests, Sequence, Step};
use crate::base::comm::{Channel, Ends, Lane, in_room};
use crate::base::error::Result;
use crate::base::room::Room;

/// One rank's end of a channel.
pub(super) struct MpiChannel {
    /// Opening in buffers, each in memory of its own.
    buffers: Ways,
    /// The same messages in rooms.
    rooms: Option<(Ways, [Arc<dyn Room>; 2])>,
    /// Those of the round.
    ends: Ends,
    /// The round.
    step: Option<Step>,
    sequence: Sequence,
    /// From whom messages come, and to whom they go.
    senders: Vec<usize>,
    receivers: Vec<usize>,
    lanes: [usize; 2],
}

/// Requests for messages to send and to receive.
struct Ways {
    send: Requests,
    receive: Requests,
}

/// Which messages a channel is for: how they are told from others, the lanes to send and those to receive, and
/// the longest message of MPI.
pub(super) struct Opening<'a> {
    pub(super) tag: i32,
    pub(super) send: &'a [Lane],
    pub(super) receive: &'a [Lane],
    pub(super) longest: usize,
}

impl MpiChannel {
    pub(super) fn open(
        ranks: &Ranks,
        opening: &Opening<'_>,
        rooms: Option<[Arc<dyn Room>; 2]>,
    ) -> Result<Self> {
        let lanes = [opening.send.len(), opening.receive.len()];
        let buffers = Ways::open(ranks, opening, None)?;
        let rooms = match rooms {
            Some(rooms) => Some((Ways::open(ranks, opening, Some(&rooms))?, rooms)),
            None => None,
        };
        let others = |lanes: &[Lane]| lanes.iter().map(|lane| lane.rank).collect();
        let (senders, receivers) = (others(opening.receive), others(opening.send));
        let (sequence, ends) = (ranks.way(opening.tag), Ends::default());
        Ok(Self { buffers, rooms, ends, step: None, sequence, senders, receivers, lanes })
    }

    /// Lets this thread use the rooms of this round.
    fn enter(&self) -> Result<()> {
        match &self.rooms {
            Some((_, [out, _])) if self.ends.out_of_room => out.enter(),
            Some((_, [_, into])) if self.ends.into_room => into.enter(),
            _ => Ok(()),
        }
    }

    /// What is sent and what is received in this round, and from and to whom.
    fn under_way(&mut self) -> ([&mut Requests; 2], [&[usize]; 2]) {
        let Self { buffers, rooms, ends, senders, receivers, .. } = self;
        let (mut send, mut receive) = (&mut buffers.send, &mut buffers.receive);
        if let Some((ways, _)) = rooms {
            if ends.out_of_room {
                send = &mut ways.send;
            }
            if ends.into_room {
                receive = &mut ways.receive;
            }
        }
        ([send, receive], [senders, receivers])
    }
}

impl Ways {
    fn open(
        ranks: &Ranks,
        opening: &Opening<'_>,
        rooms: Option<&[Arc<dyn Room>; 2]>,
    ) -> Result<Self> {
        // In this sequence: requests that are dropped, should something fail, need the turn.
        let mut ways = Self { send: Requests::new(), receive: Requests::new() };
        if let Some([out, into]) = rooms {
            out.enter()?;
            into.enter()?;
        }
        let mut turn = raw::turn()?;
        let [out, into] = rooms.map_or([None, None], |[out, into]| [Some(out), Some(into)]);
        for (from, part) in parts(&mut ways.receive, opening.receive, into, opening.longest)? {
            ways.receive.add_receive(&mut turn, ranks, part, from, opening.tag)?;
        }
        for (to, part) in parts(&mut ways.send, opening.send, out, opening.longest)? {
            ways.send.add_send(&mut turn, ranks, part, to, opening.tag)?;
        }
        Ok(ways)
    }
}

/// Memory for the messages of lanes: the other rank of each piece, and where the piece is.
fn parts(
    requests: &mut Requests,
    lanes: &[Lane],
    room: Option<&Arc<dyn Room>>,
    longest: usize,
) -> Result<Vec<(usize, Piece)>> {
    let shared = room.map(|room| requests.add_room(room));
    let mut parts = Vec::new();
    for (lane, there) in lanes.iter().zip(in_room(lanes)) {
        let (memory, start) = match shared {
            Some(memory) => (memory, there.start),
            None => (requests.add_memory(lane.bytes)?, 0),
        };
        for piece in pieces(lane.bytes, longest) {
            parts.push((lane.rank, (memory, start + piece.start..start + piece.end)));
        }
    }
    Ok(parts)
}

impl Channel for MpiChannel {
    fn outgoing(&mut self, lane: usize) -> &mut [u8] {
        assert!(lane < self.lanes[0], "the channel has {} lanes to send", self.lanes[0]);
        self.buffers.send.memory_mut(lane)
    }

    fn start(&mut self) -> Result<()> {
        self.start_in_rooms(Ends::default())
    }

    fn start_in_rooms(&mut self, ends: Ends) -> Result<()> {
        assert!(self.rooms.is_some() || ends == Ends::default(), "the channel has no rooms");
        self.ends = ends;
        self.enter()?;
        let mut turn = raw::turn()?;
        self.step = Some(turn.join(self.sequence));
        let ([send, receive], _) = self.under_way();
        // What comes finds its place ready.
        receive.start(&mut turn)?;
        send.start(&mut turn)
    }

    fn progress(&mut self) -> Result<()> {
        self.enter()?;
        let ([send, receive], _) = self.under_way();
        let mut turn = raw::turn()?;
        receive.progress(&mut turn)?;
        send.progress(&mut turn).map(drop)
    }

    fn finish(&mut self) -> Result<()> {
        let Some(step) = self.step else { return Ok(()) };
        self.enter()?;
        let ([send, receive], [senders, receivers]) = self.under_way();
        let mut turn = raw::turn()?;
        receive.wait(&mut turn, step, Others::Senders(senders))?;
        send.wait(&mut turn, step, Others::Receivers(receivers))
    }

    fn incoming(&self, lane: usize) -> &[u8] {
        assert!(lane < self.lanes[1], "the channel has {} lanes to receive", self.lanes[1]);
        self.buffers.receive.memory(lane)
    }
}

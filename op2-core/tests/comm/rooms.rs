//! Messages in memory that is not the channel's.

use std::ptr::NonNull;
use std::sync::Arc;

use op2_core::base::buffer::Buffer;
use op2_core::base::comm::{Channel, Comm, Ends, Lane, in_room};
use op2_core::base::error::Result;
use op2_core::base::room::{MemoryKind, Room};

/// Memory of the host.
struct Plain(Buffer);

// SAFETY: a buffer never moves and is aligned to more than that.
unsafe impl Room for Plain {
    fn kind(&self) -> MemoryKind {
        MemoryKind::Host
    }
    fn address(&self) -> NonNull<u8> {
        NonNull::new(self.0.as_mut_ptr()).unwrap()
    }
    fn bytes(&self) -> usize {
        self.0.len()
    }
    fn enter(&self) -> Result<()> {
        Ok(())
    }
}

impl Plain {
    fn for_lanes(lanes: &[Lane]) -> Arc<Self> {
        let bytes = in_room(lanes).last().map_or(0, |range| range.end);
        Arc::new(Self(Buffer::zeroed(bytes).unwrap()))
    }

    /// The bytes of a lane, while no message is under way.
    #[expect(clippy::mut_from_ref, reason = "a test that takes one at a time")]
    fn lane(&self, lanes: &[Lane], lane: usize) -> &mut [u8] {
        let range = in_room(lanes).nth(lane).unwrap();
        // SAFETY: inside the buffer, which nobody else touches now.
        unsafe { std::slice::from_raw_parts_mut(self.0.as_mut_ptr().add(range.start), range.len()) }
    }
}

/// Every rank talks with all others, in rooms and in buffers: another mixture on every rank in every round.
/// Where ranks have no rooms, they are refused, and all goes on.
pub(crate) fn check(comm: &dyn Comm) -> Result<()> {
    let others = (0..comm.size()).filter(|other| *other != comm.rank());
    let (mine, theirs): (Vec<_>, Vec<_>) = others
        .map(|rank| {
            let bytes = |from: usize, to: usize| 5 + 3 * from + 7 * to;
            let (here, there) = (bytes(comm.rank(), rank), bytes(rank, comm.rank()));
            (Lane { rank, bytes: here }, Lane { rank, bytes: there })
        })
        .unzip();
    let (out, into) = (Plain::for_lanes(&mine), Plain::for_lanes(&theirs));
    let rooms: [Arc<dyn Room>; 2] = [out.clone(), into.clone()];
    if comm.reaches(MemoryKind::Host) != Some(true) {
        assert!(comm.channel_with_rooms(&mine, &theirs, rooms).is_err());
        return comm.all_gather(b"still here").map(drop);
    }
    // One that has no room is as good a neighbor.
    let with_rooms = comm.size() == 1 || comm.rank() > 0;
    let mut channel: Box<dyn Channel> = if with_rooms {
        comm.channel_with_rooms(&mine, &theirs, rooms)?
    } else {
        comm.channel(&mine, &theirs)?
    };
    let letter = |round: usize, from: usize, to: usize| (60 * round + 8 * from + to) as u8;
    for round in 0..8 {
        let turn = round + 3 * comm.rank();
        let ends = if with_rooms {
            Ends { out_of_room: turn.is_multiple_of(2), into_room: (turn / 2).is_multiple_of(2) }
        } else {
            Ends::default()
        };
        for (i, lane) in mine.iter().enumerate() {
            let letter = letter(round, comm.rank(), lane.rank);
            let (used, unused) = (out.lane(&mine, i), channel.outgoing(i));
            let [used, unused] = if ends.out_of_room { [used, unused] } else { [unused, used] };
            used.fill(letter);
            unused.fill(!letter);
        }
        channel.start_in_rooms(ends)?;
        channel.progress()?;
        channel.finish()?;
        for (i, lane) in theirs.iter().enumerate() {
            let expected = vec![letter(round, lane.rank, comm.rank()); lane.bytes];
            if ends.into_room {
                assert_eq!(into.lane(&theirs, i), expected);
            } else {
                assert_eq!(channel.incoming(i), expected);
            }
        }
    }
    Ok(())
}

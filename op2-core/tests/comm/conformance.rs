//! What every communicator must do, one check for each promise.

use std::sync::Arc;

use op2_core::base::comm::{Channel, Comm, Lane};
use op2_core::base::error::{Error, Result};

use crate::{random, rooms};

/// All checks. Collective.
pub(crate) fn check(comm: &Arc<dyn Comm>) -> Result<()> {
    let comm = comm.as_ref();
    gathers_by_rank(comm)?;
    exchanges_with_all(comm)?;
    gathers_without_waiting(comm)?;
    passes_messages_around(comm)?;
    repeats_rounds(comm)?;
    needs_no_lanes(comm)?;
    refuses_more_than_there_is(comm)?;
    keeps_duplicates_apart(comm)?;
    rooms::check(comm)?;
    for seed in 0..3 {
        random::exchange(comm, seed, 60)?;
    }
    Ok(())
}

fn gathers_by_rank(comm: &dyn Comm) -> Result<()> {
    let mine = |rank: usize| vec![rank as u8; 3 * rank]; // Rank 0 has nothing.
    let all = comm.all_gather(&mine(comm.rank()))?;
    assert_eq!(all, (0..comm.size()).map(mine).collect::<Vec<_>>());
    Ok(())
}

fn exchanges_with_all(comm: &dyn Comm) -> Result<()> {
    let message = |from: usize, to: usize| vec![(7 * from + to) as u8; (from + 2 * to) % 5];
    let send = (0..comm.size()).map(|to| message(comm.rank(), to)).collect();
    let received = comm.all_to_all(send)?;
    let expected: Vec<_> = (0..comm.size()).map(|from| message(from, comm.rank())).collect();
    assert_eq!(received, expected);
    Ok(())
}

/// Several gatherings, finished in another sequence than they were started, one not at all.
fn gathers_without_waiting(comm: &dyn Comm) -> Result<()> {
    let mine = |round: u8, rank: usize| vec![10 * round + rank as u8; usize::from(round)];
    let mut under_way = Vec::new();
    for round in 0..5 {
        under_way.push((round, comm.start_gather(&mine(round, comm.rank()))?));
    }
    comm.all_gather(b"something else")?;
    under_way.rotate_left(comm.rank() % 5);
    for (round, gathering) in under_way {
        let expected: Vec<_> = (0..comm.size()).flat_map(|rank| mine(round, rank)).collect();
        assert_eq!(gathering.finish()?, expected);
    }
    Ok(())
}

/// The lanes of a ring: what a rank sends to the next is as long as the sender's number says.
fn ring(comm: &dyn Comm) -> Result<Box<dyn Channel>> {
    let (rank, size) = (comm.rank(), comm.size());
    let (next, last) = ((rank + 1) % size, (rank + size - 1) % size);
    if size == 1 {
        return comm.channel(&[], &[]);
    }
    let send = [Lane { rank: next, bytes: 8 * rank }];
    comm.channel(&send, &[Lane { rank: last, bytes: 8 * last }])
}

fn passes_messages_around(comm: &dyn Comm) -> Result<()> {
    let mut ring = ring(comm)?;
    let last = (comm.rank() + comm.size() - 1) % comm.size();
    for round in 0..20 {
        if comm.size() > 1 {
            ring.outgoing(0).fill(round * 10 + comm.rank() as u8);
        }
        ring.start()?;
        ring.progress()?;
        ring.finish()?;
        if comm.size() > 1 {
            assert_eq!(ring.incoming(0), vec![round * 10 + last as u8; 8 * last]);
        }
    }
    Ok(())
}

/// What is not filled again is sent again, and what came stays until the next round is finished.
fn repeats_rounds(comm: &dyn Comm) -> Result<()> {
    if comm.size() == 1 {
        return Ok(());
    }
    let mut ring = ring(comm)?;
    let last = (comm.rank() + comm.size() - 1) % comm.size();
    ring.outgoing(0).fill(77);
    for _ in 0..3 {
        ring.start()?;
        ring.finish()?;
        ring.finish()?; // Nothing is under way: nothing to wait for.
        ring.progress()?;
        assert_eq!(ring.incoming(0), vec![77; 8 * last]);
        assert!(ring.outgoing(0).iter().all(|byte| *byte == 77));
    }
    Ok(())
}

fn needs_no_lanes(comm: &dyn Comm) -> Result<()> {
    let mut alone = comm.channel(&[], &[])?;
    // Not the same on all ranks: nobody takes part in anybody's round.
    for _ in 0..comm.rank() {
        alone.start()?;
        alone.finish()?;
    }
    Ok(())
}

/// On all ranks, which can go on with something smaller.
fn refuses_more_than_there_is(comm: &dyn Comm) -> Result<()> {
    if comm.size() == 1 {
        return Ok(());
    }
    let (next, last) = ((comm.rank() + 1) % comm.size(), comm.rank() + comm.size() - 1);
    let lane = |rank| [Lane { rank: rank % comm.size(), bytes: 1 << 60 }];
    let refused = comm.channel(&lane(next), &lane(last)).map(drop).unwrap_err();
    assert!(matches!(refused, Error::OutOfMemory { bytes, .. } if bytes == 1 << 60), "{refused}");
    passes_messages_around(comm)
}

/// The same calls in another sequence on the duplicate, as far as that can be without waiting.
fn keeps_duplicates_apart(comm: &dyn Comm) -> Result<()> {
    let other = comm.duplicate()?;
    assert_eq!((other.rank(), other.size()), (comm.rank(), comm.size()));
    let (first, second) = if comm.rank().is_multiple_of(2) {
        let first = comm.start_gather(b"first")?;
        (first, other.start_gather(b"second")?)
    } else {
        let second = other.start_gather(b"second")?;
        (comm.start_gather(b"first")?, second)
    };
    assert_eq!(second.finish()?, b"second".repeat(comm.size()));
    assert_eq!(first.finish()?, b"first".repeat(comm.size()));
    other.duplicate()?.all_gather(b"grandchild")?;
    Ok(())
}

//! Calls in which all ranks take part and wait.

use std::ffi::{c_int, c_void};
use std::mem::{ManuallyDrop, take};

use ::mpi::ffi;

use super::requests::null;
use super::{Others, Ranks, Step, Together, Turn, byte, count, number, process, waits, word};
use crate::base::error::Result;
use crate::dist::mpi::pieces::pieces;

/// The words of all ranks, by rank. Collective.
pub(in super::super) fn all_gather_words(
    turn: &mut Turn,
    ranks: &Ranks,
    mine: u64,
) -> Result<Vec<u64>> {
    gather(turn, ranks, Together::Gather, mine).map(|(_, all)| all)
}

/// A word for each rank, and the one of each, by rank. Collective.
pub(in super::super) fn all_to_all_words(
    turn: &mut Turn,
    ranks: &Ranks,
    mine: &[u64],
) -> Result<Vec<u64>> {
    assert_eq!(mine.len(), ranks.size(), "one word for each rank");
    let all = together(turn, ranks, Together::AllToAll, mine, |turn, from, to, request| {
        let (two, word) = (PAIR as c_int, word());
        // SAFETY: MPI is initialized and the turn had; both hold two words for each rank.
        let code =
            unsafe { ffi::MPI_Ialltoall(from, two, word, to, two, word, ranks.comm, request) };
        turn.check("MPI_Ialltoall", code)
    });
    all.map(|(_, all)| all)
}

/// Waits until all ranks have come here, which are going to duplicate the communicator. Collective.
pub(super) fn wait_for_all(turn: &mut Turn, ranks: &Ranks) -> Result<Step> {
    gather(turn, ranks, Together::Duplicate, 0).map(|(step, _)| step)
}

fn gather(turn: &mut Turn, ranks: &Ranks, what: Together, mine: u64) -> Result<(Step, Vec<u64>)> {
    together(turn, ranks, what, &[mine], |turn, from, to, request| {
        let (two, word) = (PAIR as c_int, word());
        // SAFETY: MPI is initialized and the turn had; two words are read, and two for each rank written.
        let code =
            unsafe { ffi::MPI_Iallgather(from, two, word, to, two, word, ranks.comm, request) };
        turn.check("MPI_Iallgather", code)
    })
}

/// With each word goes what call it is of: MPI may take one call for another.
const PAIR: usize = 2;

/// Starts a call that reads a pair for each of `mine`, and writes one for each rank; waits for it. Gives what each
/// rank says, all of them in the same call.
fn together(
    turn: &mut Turn,
    ranks: &Ranks,
    what: Together,
    mine: &[u64],
    start: impl FnOnce(&mut Turn, *const c_void, *mut c_void, *mut ffi::MPI_Request) -> Result<()>,
) -> Result<(Step, Vec<u64>)> {
    let (step, mut request) = (turn.join(ranks.together(what)), null());
    let label = step.label();
    // Not dropped should anything fail: MPI may still use them.
    let pairs: Vec<u64> = mine.iter().flat_map(|word| [label, *word]).collect();
    let pairs = ManuallyDrop::new(pairs);
    let mut all = ManuallyDrop::new(vec![0_u64; PAIR * ranks.size()]);
    start(turn, pairs.as_ptr().cast(), all.as_mut_ptr().cast(), &raw mut request)?;
    waits::until(turn, step, Others::All, |turn| waits::test(turn, &mut request))?;
    drop(ManuallyDrop::into_inner(pairs));
    let all = ManuallyDrop::into_inner(all);
    if let Some(other) = all.chunks_exact(PAIR).position(|pair| pair[0] != label) {
        process::end(&format!(
            " and rank {other} call different things that all ranks do together"
        ));
    }
    Ok((step, all.chunks_exact(PAIR).map(|pair| pair[1]).collect()))
}

/// As [`all_to_all_words`], where all ranks are known to come.
pub(super) fn all_to_all_at_once(turn: &mut Turn, ranks: &Ranks, mine: &[u64]) -> Result<Vec<u64>> {
    assert_eq!(mine.len(), ranks.size(), "one word for each rank");
    let mut all = vec![0_u64; ranks.size()];
    let word = word();
    // SAFETY: MPI is initialized and the turn had; both hold one word for each rank.
    let code = unsafe {
        let to = all.as_mut_ptr().cast();
        ffi::MPI_Alltoall(mine.as_ptr().cast(), 1, word, to, 1, word, ranks.comm)
    };
    turn.check("MPI_Alltoall", code)?;
    Ok(all)
}

/// The bytes of all ranks, one after the other; all know how many each gives, and so that all come. Collective.
pub(in super::super) fn all_gather_bytes(
    turn: &mut Turn,
    ranks: &Ranks,
    mine: &[u8],
    counts: &[usize],
) -> Result<Vec<u8>> {
    assert_eq!(counts.len(), ranks.size(), "a number for each rank");
    assert_eq!(mine.len(), counts[ranks.rank()], "as many bytes as all know of");
    let mut all = vec![0; counts.iter().sum()];
    let lengths: Vec<_> = counts.iter().map(|bytes| count(*bytes)).collect();
    let place = |start: &mut usize, bytes: &usize| {
        let here = *start;
        *start += bytes;
        Some(count(here))
    };
    let places: Vec<_> = counts.iter().scan(0, place).collect();
    // SAFETY: MPI is initialized and the turn had; there is room for the sum of what is written.
    let code = unsafe {
        ffi::MPI_Allgatherv(
            mine.as_ptr().cast(),
            count(mine.len()),
            byte(),
            all.as_mut_ptr().cast(),
            lengths.as_ptr(),
            places.as_ptr(),
            byte(),
            ranks.comm,
        )
    };
    turn.check("MPI_Allgatherv", code)?;
    Ok(all)
}

/// Sends `send[r]` to rank `r` and gives what each sent here, whose lengths are known. Messages without
/// bytes are none: most ranks have nothing for most others. Collective.
pub(in super::super) fn exchange(
    turn: &mut Turn,
    ranks: &Ranks,
    send: Vec<Vec<u8>>,
    lengths: &[u64],
    longest: usize,
) -> Result<Vec<Vec<u8>>> {
    let room = |bytes: &u64| vec![0; *bytes as usize];
    // Not dropped should anything fail: MPI may still use them.
    let mut send = ManuallyDrop::new(send);
    let mut receive: ManuallyDrop<Vec<_>> = ManuallyDrop::new(lengths.iter().map(room).collect());
    let own = take(&mut send[ranks.rank()]);
    receive[ranks.rank()].clear();
    let mut requests = Vec::new();
    for (other, message) in receive.iter_mut().enumerate() {
        for piece in pieces(message.len(), longest) {
            let part = &mut message[piece];
            let (to, bytes, mut request) = (part.as_mut_ptr().cast(), count(part.len()), null());
            // SAFETY: MPI is initialized and the turn had; the memory is ours, is as long as this
            // says, and is touched by nobody else before all has come.
            let code = unsafe {
                let (from, request) = (number(other), &raw mut request);
                ffi::MPI_Irecv(to, bytes, byte(), from, TAG, ranks.comm, request)
            };
            turn.check("MPI_Irecv", code)?;
            requests.push(request);
        }
    }
    for (other, message) in send.iter().enumerate() {
        for piece in pieces(message.len(), longest) {
            let part = &message[piece];
            let (from, bytes, mut request) = (part.as_ptr().cast(), count(part.len()), null());
            // SAFETY: as above; MPI only reads this.
            let code = unsafe {
                let (to, request) = (number(other), &raw mut request);
                ffi::MPI_Isend(from, bytes, byte(), to, TAG, ranks.comm, request)
            };
            turn.check("MPI_Isend", code)?;
            requests.push(request);
        }
    }
    // SAFETY: these are the requests made above.
    let code = unsafe {
        let statuses = ffi::RSMPI_STATUSES_IGNORE;
        ffi::MPI_Waitall(count(requests.len()), requests.as_mut_ptr(), statuses)
    };
    turn.check("MPI_Waitall", code)?;
    drop(ManuallyDrop::into_inner(send));
    let mut receive = ManuallyDrop::into_inner(receive);
    receive[ranks.rank()] = own;
    Ok(receive)
}

/// The tag of messages that are not a channel's. Those of one call come before those of the next, as
/// MPI keeps messages of a tag in sequence.
const TAG: i32 = 0;

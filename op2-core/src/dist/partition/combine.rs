//! Records of numbers combined over all ranks, word by word.
//!
//! Each rank combines a block of the records, so that no rank receives everything from everybody.
//! What records mean is left to the caller; so is deciding something from the combined ones before
//! they are shared with all ranks.

use std::ops::Range;

use crate::base::blocks::block_range;
use crate::base::comm::Comm;
use crate::base::error::Result;
use crate::base::wire::exchange;

/// The records that this rank combined.
pub(super) struct Combined {
    /// Which records these are: a block of them.
    pub(super) records: Range<usize>,
    /// Their words, one record after the other.
    pub(super) words: Vec<u64>,
}

/// Combines records of `width` words, as many on all ranks, word by word. Collective.
///
/// # Errors
/// A rank has ended.
pub(super) fn combine(
    comm: &dyn Comm,
    width: usize,
    mine: &[u64],
    with: impl Fn(u64, u64) -> u64,
) -> Result<Combined> {
    let num_records = (mine.len() / width) as u64;
    let block = |rank| {
        let Range { start, end } = block_range(num_records, comm.size(), rank);
        start as usize..end as usize
    };
    let words_of = |block: Range<usize>| mine[block.start * width..block.end * width].to_vec();
    let lists = (0..comm.size()).map(|rank| words_of(block(rank))).collect();
    let mut ranks = exchange(comm, Ok(lists))?.into_iter();
    let mut words = ranks.next().expect("there is this rank at least");
    for other in ranks {
        words.iter_mut().zip(other).for_each(|(word, other)| *word = with(*word, other));
    }
    Ok(Combined { records: block(comm.rank()), words })
}

/// The words of all ranks, one rank after the other. Collective.
///
/// # Errors
/// A rank has ended.
pub(super) fn share(comm: &dyn Comm, mine: &[u64]) -> Result<Vec<u64>> {
    let received = comm.all_gather(bytemuck::cast_slice(mine))?;
    let words = received.iter().flat_map(|bytes| bytes.as_chunks().0);
    Ok(words.map(|&word| u64::from_ne_bytes(word)).collect())
}

/// The sums of words over all ranks. Collective.
///
/// # Errors
/// A rank has ended.
pub(super) fn sums<const N: usize>(comm: &dyn Comm, mine: [u64; N]) -> Result<[u64; N]> {
    let all = share(comm, &mine)?;
    Ok(std::array::from_fn(|place| all.iter().skip(place).step_by(N).sum()))
}

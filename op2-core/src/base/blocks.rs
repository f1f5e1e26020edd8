//! Contiguous blocks of numbers, one for each rank.

use std::ops::Range;

/// The elements of a rank's block. Lengths differ by at most one; the first ranks have the longer ones.
pub fn block_range(size: u64, ranks: usize, rank: usize) -> Range<u64> {
    let (ranks, rank) = (ranks as u64, rank as u64);
    let (each, longer) = (size / ranks, size % ranks);
    let start = rank * each + rank.min(longer);
    start..start + each + u64::from(rank < longer)
}

/// The rank in whose [`block_range`] an element is.
///
/// # Panics
/// There is no such element.
pub fn block_owner(size: u64, ranks: usize, element: u64) -> usize {
    assert!(element < size, "element {element} is not in a set of size {size}");
    let (each, longer) = (size / ranks as u64, size % ranks as u64);
    let in_longer = longer * (each + 1);
    let rank = match element.checked_sub(in_longer) {
        None => element / (each + 1),
        Some(behind) => longer + behind / each,
    };
    rank as usize
}

#[cfg(test)]
mod tests {
    use super::{block_owner, block_range};

    #[test]
    fn blocks_follow_each_other_and_differ_by_one() {
        for size in [0, 1, 2, 6, 7, 8, 23] {
            for ranks in 1..9 {
                let mut next = 0;
                let mut lengths = Vec::new();
                for rank in 0..ranks {
                    let block = block_range(size, ranks, rank);
                    assert_eq!(block.start, next);
                    next = block.end;
                    lengths.push(block.end - block.start);
                    assert!(block.into_iter().all(|e| block_owner(size, ranks, e) == rank));
                }
                assert_eq!(next, size);
                assert!(lengths.is_sorted_by(|a, b| a >= b) && lengths[0] - lengths[ranks - 1] < 2);
            }
        }
        let last = u64::MAX - 1;
        assert_eq!(block_owner(u64::MAX, 3, last), 2);
        assert_eq!(block_range(u64::MAX, 3, 2).end, u64::MAX);
    }
}

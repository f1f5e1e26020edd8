//! Cuts the positions of a loop into blocks.
//!
//! The size follows from the number of positions alone. Were it to follow from the number of
//! threads, increments would be added in another sequence on another machine.

use std::ops::Range;

/// Larger blocks gain nothing and leave less to share among threads: measured on a mesh of 720 000
/// cells, where blocks of 256 elements are twice as slow.
const LARGEST: usize = 16_384;

/// Smaller blocks cost more to hand to a thread than they take to run.
const SMALLEST: usize = 1_024;

/// As many blocks are wanted, if that leaves them large enough: 16 threads and 2 colors then have
/// two blocks each.
const WANTED: usize = 64;

/// Sizes are multiples of this, so that no block but the last leaves a vectorized loop unfilled lanes.
const STEP: usize = 64;

/// The size of blocks for a loop over this many positions.
pub fn block_size(positions: usize) -> usize {
    if positions < 2 * SMALLEST {
        return positions.max(1);
    }
    (positions / WANTED / STEP * STEP).clamp(SMALLEST, LARGEST)
}

/// Blocks of `size` positions (the last may have fewer), covering all positions in order.
///
/// # Panics
/// If positions do not fit local numbers (`u32`).
pub fn cut(positions: usize, size: usize) -> Vec<Range<u32>> {
    let end = u32::try_from(positions).expect("positions are counted in u32");
    let size = size.clamp(1, u32::MAX as usize);
    (0..end).step_by(size).map(|begin| begin..end.min(begin.saturating_add(size as u32))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_cover_all_positions_in_order() {
        assert_eq!(cut(7, 3), [0..3, 3..6, 6..7]);
        assert_eq!(cut(6, 3), [0..3, 3..6]);
        assert_eq!(cut(2, 0), [0..1, 1..2]);
        assert_eq!(cut(2, usize::MAX), [const { 0..2_u32 }]);
        assert!(cut(0, 3).is_empty());
    }

    #[test]
    fn small_loops_are_one_block() {
        for positions in [1, 100, 2047] {
            assert_eq!(cut(positions, block_size(positions)).len(), 1);
        }
        assert_eq!(cut(2048, block_size(2048)), [0..1024, 1024..2048]);
    }

    #[test]
    fn sizes_stay_in_their_limits() {
        for positions in (2048..3_000_000).step_by(997) {
            let size = block_size(positions);
            assert!((SMALLEST..=LARGEST).contains(&size), "{positions}: {size}");
            assert_eq!(size % STEP, 0);
            if positions >= WANTED * SMALLEST {
                assert!(cut(positions, size).len() >= WANTED, "{positions}: {size}");
            }
        }
    }
}

//! Blocks of elements that sum their increments in the memory of their group.
//!
//! For each block: the rows that it changes, where each entry is among them, and colors by which
//! its elements take turns. Blocks do not know each other here, so threads share them; the result
//! depends on the request alone (`part`). Which blocks may run at once is decided afterwards, by first
//! fit over the rows found (`block_colors`).

mod block_colors;
mod part;

use std::sync::atomic::AtomicBool;

pub(super) use block_colors::color_blocks;
use part::{ENTRY_BITS, LARGEST_BLOCK_BITS, Rows, parts, work};

use super::request::{Request, RequestTarget};
use super::{NOWHERE, StagedTarget, Staging};

/// Each target's rows begin at a multiple of this.
const ALIGNMENT: usize = 16;

/// Positions of a block, at most: places among its rows and colors of its elements are `u16`.
pub(super) const LARGEST_BLOCK: usize = 1 << LARGEST_BLOCK_BITS;

/// Cuts a loop with elements into blocks of this many positions, uncolored; `None` if the rows of a block
/// do not fit into `local_bytes`.
pub(super) fn cut(request: &Request<'_>, block: usize, local_bytes: usize) -> Option<Staging> {
    let layout = Layout::new(request, block, local_bytes);
    if layout.distinct.iter().any(|distinct| distinct.target.num_entries() >> ENTRY_BITS > 0) {
        return None;
    }
    let num_blocks = request.positions.div_ceil(block);
    let mut colors = vec![0; request.positions];
    let mut num_colors = vec![0; num_blocks];
    let entries = |target: &RequestTarget<'_>| target.num_entries() * request.positions;
    let mut places: Vec<Vec<u16>> =
        layout.distinct.iter().map(|distinct| vec![NOWHERE; entries(distinct.target)]).collect();
    let parts = parts(&layout, &mut colors, &mut num_colors, &mut places);
    let found: Vec<Vec<Rows>> = work(parts, |part| part.run(&layout))?;
    let targets = gather(&layout, found, places)?;
    let targets = if layout.distinct.len() == layout.of_target.len() {
        targets
    } else {
        layout.of_target.iter().map(|&distinct| targets[distinct].clone()).collect()
    };
    let staging = Staging { block, blocks: Vec::new(), colors, num_colors, targets };
    (staging.local_bytes(request.targets) <= local_bytes).then_some(staging)
}

impl Staging {
    /// Bytes of the memory of a group that the rows of a block take, at most: each target's `most_rows`, one target
    /// after the other, each from a multiple of 16 on.
    pub fn local_bytes(&self, targets: &[RequestTarget<'_>]) -> usize {
        let most_rows = self.targets.iter().map(|staged| staged.most_rows);
        targets.iter().zip(most_rows).map(|(target, rows)| bytes(rows, target.row_bytes)).sum()
    }
}

fn bytes(rows: usize, row_bytes: usize) -> usize {
    (rows * row_bytes).next_multiple_of(ALIGNMENT)
}

/// What is the same for all blocks.
struct Layout<'a> {
    request: &'a Request<'a>,
    block: usize,
    local_bytes: usize,
    /// Targets whose rows differ.
    distinct: Vec<Distinct<'a>>,
    /// For each target, which of those it is like.
    of_target: Vec<usize>,
    /// Set as soon as one block is too large: the others need not be looked at.
    too_large: AtomicBool,
}

struct Distinct<'a> {
    target: &'a RequestTarget<'a>,
    /// Of this target and of those like it.
    row_bytes: Vec<usize>,
}

impl<'a> Layout<'a> {
    fn new(request: &'a Request<'a>, block: usize, local_bytes: usize) -> Self {
        let mut distinct: Vec<Distinct<'a>> = Vec::new();
        let mut of_target = Vec::new();
        for target in request.targets {
            let same = |known: &Distinct<'_>| known.target.is_reached_as(target);
            let index = distinct.iter().position(same).unwrap_or_else(|| {
                distinct.push(Distinct { target, row_bytes: Vec::new() });
                distinct.len() - 1
            });
            distinct[index].row_bytes.push(target.row_bytes);
            of_target.push(index);
        }
        let too_large = AtomicBool::new(false);
        Self { request, block, local_bytes, distinct, of_target, too_large }
    }

    /// Bytes that so many rows of the distinct targets take, those of the targets like them included.
    fn bytes(&self, rows: impl Iterator<Item = usize>) -> usize {
        let of = |distinct: &Distinct<'_>, rows| -> usize {
            distinct.row_bytes.iter().map(|&row_bytes| bytes(rows, row_bytes)).sum()
        };
        self.distinct.iter().zip(rows).map(|(distinct, rows)| of(distinct, rows)).sum()
    }
}

/// Puts together what was found in parts; `None` if rows of blocks cannot be counted in 32 bits.
fn gather(
    layout: &Layout<'_>,
    found: Vec<Vec<Rows>>,
    places: Vec<Vec<u16>>,
) -> Option<Vec<StagedTarget>> {
    let empty = |places| StagedTarget { offsets: vec![0], rows: Vec::new(), places, most_rows: 0 };
    let mut targets: Vec<StagedTarget> = places.into_iter().map(empty).collect();
    for (index, target) in targets.iter_mut().enumerate() {
        let total = found.iter().map(|part| part[index].rows.len()).sum();
        u32::try_from(total).ok()?;
        target.rows.reserve_exact(total);
        target.offsets.reserve_exact(layout.request.positions.div_ceil(layout.block));
    }
    for part in found {
        for (target, found) in targets.iter_mut().zip(part) {
            target.rows.extend(found.rows);
            for count in found.counts {
                target.offsets.push(target.offsets[target.offsets.len() - 1] + count);
                target.most_rows = target.most_rows.max(count as usize);
            }
        }
    }
    Some(targets)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{increments, path, request};
    use super::part::BLOCKS_PER_PART;
    use super::*;
    use crate::matrix::table::DROPPED;

    const ROOM: usize = 1 << 12;

    #[test]
    fn a_path_is_cut_into_blocks_that_share_an_end() {
        let path = path(5);
        let targets = [increments(&path, 2, 6)];
        let request = request(5, &targets);
        let mut staging = cut(&request, 2, ROOM).unwrap();
        assert_eq!(staging.colors, [0, 1, 0, 1, 0]);
        assert_eq!(staging.num_colors, [2, 2, 1]);
        let staged = &staging.targets[0];
        assert_eq!(staged.offsets, [0, 3, 6, 8]);
        assert_eq!(staged.rows, [0, 1, 2, 2, 3, 4, 4, 5]);
        assert_eq!(staged.places, [0, 1, 0, 1, 0, 1, 2, 1, 2, 1]);
        assert_eq!(staged.most_rows, 3);
        assert_eq!(color_blocks(&request, &mut staging, 2).unwrap(), [0..2, 2..3]);
        assert_eq!(staging.blocks, [0, 2, 1]);
        assert!(color_blocks(&request, &mut staging, 1).is_none());
    }

    #[test]
    fn rows_of_all_targets_must_fit() {
        let path = path(4);
        let mut wide = increments(&path, 2, 5);
        wide.row_bytes = 40;
        // Three rows of 8 and of 40 bytes, each from a multiple of 16 on.
        let targets = [increments(&path, 2, 5), wide];
        let request = request(4, &targets);
        let staging = cut(&request, 2, 32 + 128).unwrap();
        assert_eq!(staging.local_bytes(&targets), 32 + 128);
        assert_eq!(staging.targets[0], staging.targets[1]);
        assert!(cut(&request, 2, 32 + 127).is_none());
    }

    #[test]
    fn the_largest_blocks_of_two_targets_may_be_apart() {
        // The first block has one row of the one and two of the other, the second the reverse.
        let (one, other) = ([0, 0, 0, 1], [0, 1, 0, 0]);
        let targets = [increments(&one, 1, 2), increments(&other, 1, 2)];
        let request = request(4, &targets);
        let staging = cut(&request, 2, 32).unwrap();
        assert_eq!(staging.local_bytes(&targets), 32);
        let wide = targets.clone().map(|target| RequestTarget { row_bytes: 16, ..target });
        let request = Request { targets: &wide, ..request };
        assert!(cut(&request, 2, 48).is_none());
        assert!(cut(&request, 2, 64).is_some());
    }

    #[test]
    fn what_leads_nowhere_has_no_place() {
        let table = [3, DROPPED, DROPPED, DROPPED, 1, 3];
        let targets = [increments(&table, 2, 4)];
        let staging = cut(&request(3, &targets), 4, ROOM).unwrap();
        assert_eq!(staging.targets[0].rows, [1, 3]);
        assert_eq!(staging.targets[0].places, [1, NOWHERE, 0, NOWHERE, NOWHERE, 1]);
        assert_eq!(staging.colors, [0, 0, 1]);
    }

    #[test]
    fn an_element_may_name_a_row_twice() {
        let table = [0, 0, 1, 1, 0, 1];
        let targets = [increments(&table, 2, 2)];
        let staging = cut(&request(3, &targets), 3, ROOM).unwrap();
        assert_eq!((staging.colors, staging.num_colors), (vec![0, 0, 1], vec![2]));
    }

    #[test]
    fn a_subset_has_the_rows_of_its_elements() {
        let path = path(9);
        let targets = [increments(&path, 2, 10)];
        let request = Request { subset: Some(&[1, 2, 7]), ..request(3, &targets) };
        let staging = cut(&request, 2, ROOM).unwrap();
        assert_eq!(staging.targets[0].rows, [1, 2, 3, 7, 8]);
        assert_eq!(staging.targets[0].places, [0, 1, 0, 1, 2, 1]);
    }

    #[test]
    fn threads_find_what_one_finds() {
        // More than one part, the last one and its last block short.
        let positions = 2 * BLOCKS_PER_PART as u32 * 4 + 7;
        let path = path(positions);
        let targets = [increments(&path, 2, positions as usize + 1)];
        let request = request(positions as usize, &targets);
        let alone = cut(&request, 4, ROOM);
        assert_eq!(alone.as_ref().unwrap().num_colors.len(), 2 * BLOCKS_PER_PART + 2);
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            assert_eq!(pool.install(|| cut(&request, 4, ROOM)), alone);
        }
    }
}

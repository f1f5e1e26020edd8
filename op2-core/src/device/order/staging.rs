//! Blocks of elements that sum their increments in the memory of their group.
//!
//! For each block: the rows that it changes, where each entry is among them, and colors by which
//! its elements take turns. Blocks do not know each other here, so threads share them; the result
//! depends on the request alone. Which blocks may run at once is decided afterwards, by first fit over
//! the rows found.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use rayon::prelude::*;

use crate::matrix::table::DROPPED;

use super::first_fit::{Mask, Units, first_fit, in_turn};
use super::request::{Request, RequestTarget};
use super::{NOWHERE, StagedTarget, Staging};

/// Each target's rows begin at a multiple of this.
const ALIGNMENT: usize = 16;

/// Blocks that one thread works on at a time.
const BLOCKS_PER_PART: usize = 64;

/// Positions of a block, at most: places among its rows and colors of its elements are `u16`.
pub(super) const LARGEST_BLOCK: usize = 1 << POSITION_BITS;

const POSITION_BITS: u32 = 15;
const ENTRY_BITS: u32 = u32::BITS - POSITION_BITS;

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
    let targets = layout.of_target.iter().map(|&distinct| targets[distinct].clone()).collect();
    let staging = Staging { block, blocks: Vec::new(), colors, num_colors, targets };
    (staging.local_bytes(request.targets) <= local_bytes).then_some(staging)
}

/// Colors the blocks: says which may run at once; `None` as soon as more than `max_colors` would be
/// needed.
pub(super) fn color_blocks(
    request: &Request<'_>,
    staging: &mut Staging,
    max_colors: usize,
) -> Option<Vec<Range<u32>>> {
    let mut num_rows = 0;
    let mut targets = Vec::new();
    for (index, (target, staged)) in request.targets.iter().zip(&staging.targets).enumerate() {
        if !request.targets[..index].iter().any(|earlier| earlier.is_reached_as(target)) {
            targets.push((num_rows, staged));
            num_rows += target.num_rows;
        }
    }
    let blocks = Blocks { num_blocks: staging.num_colors.len(), targets };
    let mut colors = vec![0; blocks.num_blocks];
    let num_colors = first_fit(&blocks, &mut vec![0; num_rows], max_colors, &mut colors)?;
    let (blocks, launches) = in_turn(&colors, num_colors);
    staging.blocks = blocks;
    Some(launches)
}

impl Staging {
    /// Bytes of local memory that the rows of a block take, at most: each target's `most_rows`, one target
    /// after the other, each from a multiple of 16 on.
    pub fn local_bytes(&self, targets: &[RequestTarget<'_>]) -> usize {
        let most_rows = self.targets.iter().map(|staged| staged.most_rows);
        targets.iter().zip(most_rows).map(|(target, rows)| bytes(rows, target.row_bytes)).sum()
    }
}

fn bytes(rows: usize, row_bytes: usize) -> usize {
    rows.saturating_mul(row_bytes).next_multiple_of(ALIGNMENT)
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

/// Some consecutive blocks, and where what is found of them goes.
struct Part<'p> {
    positions: Range<usize>,
    colors: &'p mut [u16],
    num_colors: &'p mut [u32],
    /// For each distinct target and entry, the positions of these blocks.
    places: Vec<Vec<&'p mut [u16]>>,
}

/// The rows of some blocks, block by block, and how many each has.
#[derive(Default)]
struct Rows {
    rows: Vec<u32>,
    counts: Vec<u32>,
}

fn parts<'p>(
    layout: &Layout<'_>,
    colors: &'p mut [u16],
    num_colors: &'p mut [u32],
    places: &'p mut [Vec<u16>],
) -> Vec<Part<'p>> {
    let positions = layout.request.positions;
    let length = layout.block * BLOCKS_PER_PART;
    let num_targets = places.len();
    let mut parts: Vec<Part<'p>> = colors
        .chunks_mut(length)
        .zip(num_colors.chunks_mut(BLOCKS_PER_PART))
        .zip((0..positions).step_by(length))
        .map(|((colors, num_colors), begin)| Part {
            positions: begin..begin + colors.len(),
            colors,
            num_colors,
            places: (0..num_targets).map(|_| Vec::new()).collect(),
        })
        .collect();
    for (target, places) in places.iter_mut().enumerate() {
        for entry in places.chunks_mut(positions) {
            for (part, places) in parts.iter_mut().zip(entry.chunks_mut(length)) {
                part.places[target].push(places);
            }
        }
    }
    parts
}

/// Works on all parts, by the threads of the pool that the caller is on, else by the caller alone.
fn work<'p, R: Send>(
    parts: Vec<Part<'p>>,
    run: impl Fn(Part<'p>) -> Option<R> + Sync + Send,
) -> Option<Vec<R>> {
    if parts.len() > 1 && rayon::current_thread_index().is_some() {
        parts.into_par_iter().map(run).collect()
    } else {
        parts.into_iter().map(run).collect()
    }
}

impl Part<'_> {
    /// `None` if some block, of this part or another, is too large.
    fn run(mut self, layout: &Layout<'_>) -> Option<Vec<Rows>> {
        let mut found: Vec<Rows> = layout.distinct.iter().map(|_| Rows::default()).collect();
        let (mut named, mut masks) = (Vec::new(), Vec::new());
        for block in 0..self.num_colors.len() {
            if layout.too_large.load(Relaxed) {
                return None;
            }
            let begin = block * layout.block;
            let within = begin..self.colors.len().min(begin + layout.block);
            for (target, found) in found.iter_mut().enumerate() {
                self.find_rows(layout, target, within.clone(), &mut named, found);
            }
            let counts = || found.iter().map(|rows| rows.counts[block] as usize);
            let too_many = counts().any(|rows| rows >= NOWHERE as usize);
            if too_many || layout.bytes(counts()) > layout.local_bytes {
                layout.too_large.store(true, Relaxed);
                return None;
            }
            masks.clear();
            masks.resize(counts().sum(), 0);
            self.num_colors[block] = self.color(within, counts(), &mut masks);
        }
        Some(found)
    }

    /// Finds the rows of a block in one target, and the place of each entry among them.
    fn find_rows(
        &mut self,
        layout: &Layout<'_>,
        target: usize,
        within: Range<usize>,
        named: &mut Vec<u64>,
        found: &mut Rows,
    ) {
        let places = &mut self.places[target];
        let block = self.positions.start + within.start..self.positions.start + within.end;
        name_rows(layout.request, layout.distinct[target].target, block, named);
        // By row; then the places of equal rows lie together.
        named.sort_unstable();
        let before = found.rows.len();
        let mut last = None;
        for &name in &*named {
            let (row, entry, position) = unpack(name);
            if last != Some(row) {
                found.rows.push(row);
                last = Some(row);
            }
            let place = found.rows.len() - 1 - before;
            places[entry][within.start + position] = place.min(NOWHERE as usize) as u16;
        }
        found.counts.push((found.rows.len() - before) as u32);
    }

    /// Colors the elements of a block by the rows just found, `counts` of each target.
    fn color(
        &mut self,
        within: Range<usize>,
        counts: impl Iterator<Item = usize>,
        masks: &mut [Mask],
    ) -> u32 {
        let mut end = 0;
        let first_row = |count: usize| {
            end += count;
            end - count
        };
        let first_rows = counts.map(first_row).collect();
        let elements = InBlock { places: &self.places, first_rows, within: within.clone() };
        let colors = &mut self.colors[within];
        let num_colors = first_fit(&elements, masks, colors.len(), colors);
        num_colors.expect("there are no more colors than elements") as u32
    }
}

/// Every row that the elements of a block name, with the entry and the position within the block that
/// name it, packed into one number that orders by row.
fn name_rows(
    request: &Request<'_>,
    target: &RequestTarget<'_>,
    block: Range<usize>,
    named: &mut Vec<u64>,
) {
    named.clear();
    let mut entry = 0;
    for reach in &target.reaches {
        for &column in &reach.columns {
            for (within, position) in block.clone().enumerate() {
                let row = reach.table[request.element(position) * reach.arity + column];
                if row != DROPPED {
                    named.push(
                        u64::from(row) << u32::BITS | (entry << POSITION_BITS | within) as u64,
                    );
                }
            }
            entry += 1;
        }
    }
}

/// Row, entry, position within the block.
fn unpack(name: u64) -> (u32, usize, usize) {
    let slot = name as u32 as usize;
    ((name >> u32::BITS) as u32, slot >> POSITION_BITS, slot & (LARGEST_BLOCK - 1))
}

/// The elements of one block, with its rows, those of one target after those of the other.
struct InBlock<'p, 'q> {
    places: &'p [Vec<&'q mut [u16]>],
    first_rows: Vec<usize>,
    within: Range<usize>,
}

impl Units for InBlock<'_, '_> {
    fn len(&self) -> usize {
        self.within.len()
    }

    #[inline]
    fn each_row(&self, position: usize, mut visit: impl FnMut(usize)) {
        for (places, first_row) in self.places.iter().zip(&self.first_rows) {
            for entry in places {
                let place = entry[self.within.start + position];
                if place != NOWHERE {
                    visit(first_row + place as usize);
                }
            }
        }
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

/// The blocks, with the rows that they change, those of one target after those of the other.
struct Blocks<'s> {
    num_blocks: usize,
    /// The first row of each, and its blocks.
    targets: Vec<(usize, &'s StagedTarget)>,
}

impl Units for Blocks<'_> {
    fn len(&self) -> usize {
        self.num_blocks
    }

    #[inline]
    fn each_row(&self, block: usize, mut visit: impl FnMut(usize)) {
        for (first_row, target) in &self.targets {
            target.rows_of(block).iter().for_each(|&row| visit(first_row + row as usize));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{increments, path, request};
    use super::*;

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

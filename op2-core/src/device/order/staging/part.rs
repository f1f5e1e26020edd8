//! What each block changes, and how its elements take turns: found for some consecutive blocks at a time,
//! by any thread.

use std::ops::Range;
use std::sync::atomic::Ordering::Relaxed;

use rayon::prelude::*;

use super::super::NOWHERE;
use super::super::first_fit::{Mask, Units, first_fit};
use super::super::request::{Request, RequestTarget};
use super::{LARGEST_BLOCK, Layout};
use crate::matrix::table::DROPPED;

/// Blocks that one thread works on at a time.
pub(super) const BLOCKS_PER_PART: usize = 64;

/// A position within a block and an entry are packed into 32 bits.
pub(super) const LARGEST_BLOCK_BITS: u32 = 15;
pub(super) const ENTRY_BITS: u32 = u32::BITS - LARGEST_BLOCK_BITS;

/// Some consecutive blocks, and where what is found of them goes.
pub(super) struct Part<'p> {
    positions: Range<usize>,
    colors: &'p mut [u16],
    num_colors: &'p mut [u32],
    /// For each distinct target and entry, the positions of these blocks.
    places: Vec<Vec<&'p mut [u16]>>,
}

/// The rows of some blocks, block by block, and how many each has.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) rows: Vec<u32>,
    pub(super) counts: Vec<u32>,
}

/// Deals blocks, and where what is found of them goes, to parts; cut by size alone.
pub(super) fn parts<'p>(
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
pub(super) fn work<'p, R: Send>(
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
    pub(super) fn run(mut self, layout: &Layout<'_>) -> Option<Vec<Rows>> {
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
                        u64::from(row) << u32::BITS | (entry << LARGEST_BLOCK_BITS | within) as u64,
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
    ((name >> u32::BITS) as u32, slot >> LARGEST_BLOCK_BITS, slot & (LARGEST_BLOCK - 1))
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

//! Which blocks may run at once: first fit over the rows that they change.

use std::ops::Range;

use super::super::first_fit::{Units, first_fit, in_turn};
use super::super::request::Request;
use super::super::{StagedTarget, Staging};

/// Colors the blocks: says which may run at once; `None` as soon as more than `max_colors` would be
/// needed.
pub(in super::super) fn color_blocks(
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

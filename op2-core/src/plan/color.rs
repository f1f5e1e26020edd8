//! First-fit coloring of blocks: two blocks that may change the same row get different colors.
//!
//! Each row remembers, as bits of one word, the colors of the blocks that may change it. A block
//! takes the first color that none of its rows remembers. So the work is two passes over the maps,
//! and no graph of conflicts is built. A block that finds all bits taken waits for the next round,
//! which starts afresh with as many new colors.

use std::ops::Range;

use super::conflict::RowSpace;
use super::request::Request;

/// Colors that a row remembers, one bit each. Half the memory of a 64-bit word, and more colors than
/// a mesh with a good numbering needs.
type Mask = u32;

/// The blocks of each color, in increasing sequence; `None` as soon as more than `max_colors` would
/// be needed.
pub(super) fn color(
    request: &Request<'_>,
    blocks: &[Range<u32>],
    spaces: &[RowSpace<'_>],
    max_colors: usize,
) -> Option<Vec<Vec<u32>>> {
    let mut masks: Vec<Vec<Mask>> = spaces.iter().map(|space| vec![0; space.size]).collect();
    let mut colors: Vec<Vec<u32>> = Vec::new();
    let mut waiting: Vec<u32> = (0..blocks.len() as u32).collect();
    while !waiting.is_empty() {
        let first_color = colors.len();
        let mut next_round = Vec::new();
        for block in waiting {
            let range = &blocks[block as usize];
            let taken = taken(request, range, spaces, &masks);
            if taken == Mask::MAX {
                next_round.push(block);
                continue;
            }
            let bit = taken.trailing_ones();
            let color = first_color + bit as usize;
            if color >= max_colors {
                return None;
            }
            take(request, range, spaces, &mut masks, 1 << bit);
            if color == colors.len() {
                colors.push(Vec::new());
            }
            colors[color].push(block);
        }
        waiting = next_round;
        if !waiting.is_empty() {
            masks.iter_mut().flatten().for_each(|mask| *mask = 0);
        }
    }
    Some(colors)
}

/// Colors of earlier blocks that share a row with this one.
fn taken(
    request: &Request<'_>,
    block: &Range<u32>,
    spaces: &[RowSpace<'_>],
    masks: &[Vec<Mask>],
) -> Mask {
    let mut taken = 0;
    for (space, masks) in spaces.iter().zip(masks) {
        space.each_row(request, block, |row| taken |= masks[row as usize]);
    }
    taken
}

/// Makes the rows of a block remember its color.
fn take(
    request: &Request<'_>,
    block: &Range<u32>,
    spaces: &[RowSpace<'_>],
    masks: &mut [Vec<Mask>],
    color: Mask,
) {
    for (space, masks) in spaces.iter().zip(masks) {
        space.each_row(request, block, |row| masks[row as usize] |= color);
    }
}

#[cfg(test)]
mod tests {
    use super::super::blocks::cut;
    use super::super::conflict::row_spaces;
    use super::super::request::{ColumnSet, Target};
    use super::*;

    fn color_table(table: &[u32], size: usize, block: usize, max: usize) -> Option<Vec<Vec<u32>>> {
        let (columns, row_bytes) = (ColumnSet::All, 8);
        let target =
            Target { values: table, arity: 2, columns, size, group: 0, combines: true, row_bytes };
        let request = Request { positions: table.len() / 2, subset: None, targets: &[target] };
        let blocks = cut(request.positions, block);
        color(&request, &blocks, &row_spaces(request.targets), max)
    }

    /// Edges `i - (i + 1)`.
    fn path(len: u32) -> Vec<u32> {
        (0..len).flat_map(|i| [i, i + 1]).collect()
    }

    #[test]
    fn a_path_has_two_colors() {
        let colors = color_table(&path(12), 13, 2, usize::MAX).unwrap();
        assert_eq!(colors, [[0, 2, 4], [1, 3, 5]]);
    }

    #[test]
    fn blocks_without_common_rows_have_one_color() {
        assert_eq!(color_table(&[0, 1, 2, 3, 4, 5], 6, 1, 1).unwrap(), [[0, 1, 2]]);
    }

    #[test]
    fn an_element_does_not_conflict_with_itself() {
        assert_eq!(color_table(&[0, 0, 1, 1], 2, 1, 1).unwrap(), [[0, 1]]);
    }

    #[test]
    fn a_hub_takes_a_color_for_each_block_in_several_rounds() {
        let star: Vec<u32> = (1..=150).flat_map(|leaf| [0, leaf]).collect();
        let colors = color_table(&star, 151, 1, usize::MAX).unwrap();
        assert_eq!(colors, (0..150).map(|block| vec![block]).collect::<Vec<_>>());
        assert!(color_table(&star, 151, 1, 149).is_none());
        assert!(color_table(&star, 151, 1, 150).is_some());
    }

    #[test]
    fn a_later_round_mixes_with_free_blocks() {
        // 40 spokes, then two edges far from the hub: these fit the first round's first colors.
        let mut edges: Vec<u32> = (1..=40).flat_map(|leaf| [0, leaf]).collect();
        edges.extend([41, 42, 42, 43]);
        let colors = color_table(&edges, 44, 1, usize::MAX).unwrap();
        assert_eq!(colors.len(), 40);
        assert_eq!((&colors[0][..], &colors[1][..]), (&[0, 40][..], &[1, 41][..]));
    }
}

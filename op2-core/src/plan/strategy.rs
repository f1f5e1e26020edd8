//! Which blocks may run together: the choice and its reason.

use std::ops::Range;

use super::Settings;
use super::color::color;
use super::conflict::row_spaces;
use super::replicate::{Copies, Obstacle, copies};
use super::request::Request;

/// Which blocks of a plan may run together. Blocks are named by their index in `Plan::blocks`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Strategy {
    /// Nothing is changed through a map: all blocks at once.
    Direct,
    /// Blocks of one color share no row that they may change, so they run at once; colors in turn.
    /// A loop of a single block has a single color.
    Colored {
        /// The blocks of each color, in increasing sequence; no color is empty.
        colors: Vec<Vec<u32>>,
    },
    /// Each run of blocks works on its own copy of each written dat, starting from the identity of
    /// its mode; all copies at once, the blocks of one copy in order. Afterwards the copies are
    /// combined into the dats, in the order of the copies.
    Replicated {
        /// The blocks of each copy: consecutive, together all blocks.
        copies: Vec<Range<u32>>,
    },
    /// No order in parallel is worth having: one block after the other.
    Serial,
}

/// So few blocks are colored whatever the number of colors: there is little to gain or to lose.
const FEW_BLOCKS: usize = 8;

/// Where copies are possible, colors must have this many blocks on average to be the better choice.
const BLOCKS_PER_COLOR: usize = 4;

/// Where copies are not possible, the choice is between colors and one block after the other: colors
/// win as soon as two blocks run at once.
const BLOCKS_PER_COLOR_AT_LEAST: usize = 2;

/// Chooses how to run these blocks, and says why.
pub(super) fn choose(
    request: &Request<'_>,
    blocks: &[Range<u32>],
    settings: &Settings,
) -> (Strategy, String) {
    if request.targets.is_empty() {
        return (Strategy::Direct, direct_reason(blocks));
    }
    let copies = copies(request, blocks.len(), settings);
    let max_colors = max_colors(blocks.len(), copies.is_ok());
    match (color(request, blocks, &row_spaces(request.targets), max_colors), copies) {
        (Some(colors), _) => {
            let reason = colored_reason(blocks, colors.len());
            (Strategy::Colored { colors }, reason)
        }
        (None, Ok(copies)) => {
            let reason = replicated_reason(blocks, max_colors, &copies);
            (Strategy::Replicated { copies: copies.blocks }, reason)
        }
        (None, Err(obstacle)) => (Strategy::Serial, serial_reason(blocks, max_colors, obstacle)),
    }
}

/// More colors than this leave too few blocks in each.
fn max_colors(num_blocks: usize, copies_are_possible: bool) -> usize {
    if num_blocks <= FEW_BLOCKS {
        num_blocks
    } else if copies_are_possible {
        // Three colors are common where the parts of a well numbered mesh meet.
        (num_blocks / BLOCKS_PER_COLOR).max(3)
    } else {
        num_blocks / BLOCKS_PER_COLOR_AT_LEAST
    }
}

fn direct_reason(blocks: &[Range<u32>]) -> String {
    let blocks = blocks.len();
    format!(
        "nothing is changed through a map, so the {} may all run at once",
        count(blocks, "block")
    )
}

fn colored_reason(blocks: &[Range<u32>], num_colors: usize) -> String {
    if blocks.len() <= 1 {
        let elements = count(largest(blocks), "element");
        return format!("{elements} make a single block, which runs in natural order");
    }
    format!(
        "{} of up to {} in {}: blocks of one color change no row in common",
        count(blocks.len(), "block"),
        count(largest(blocks), "element"),
        count(num_colors, "color"),
    )
}

fn replicated_reason(blocks: &[Range<u32>], max_colors: usize, copies: &Copies) -> String {
    format!(
        "{}, so the blocks work on {} of the changed data ({}), combined afterwards; {REORDER}",
        crowded(blocks, max_colors),
        match copies.blocks.len() {
            1 => "a copy".to_owned(),
            several => format!("{several} copies"),
        },
        memory(copies.bytes),
    )
}

fn serial_reason(blocks: &[Range<u32>], max_colors: usize, obstacle: Obstacle) -> String {
    let obstacle = match obstacle {
        Obstacle::Overwrites => {
            "rows that are overwritten (Write, Rw) cannot be combined from copies".to_owned()
        }
        Obstacle::Memory(bytes) => {
            format!("copies of the changed data would take {}", memory(bytes))
        }
        Obstacle::Cost => "copies of the changed data would cost more than the loop".to_owned(),
    };
    let crowded = crowded(blocks, max_colors);
    format!("{crowded}, and {obstacle}, so the blocks run one after the other; {REORDER}")
}

/// What to do about it.
const REORDER: &str = "`cx.reorder` gives neighbors close numbers and makes colors possible";

fn crowded(blocks: &[Range<u32>], max_colors: usize) -> String {
    let (blocks, colors) = (count(blocks.len(), "block"), count(max_colors, "color"));
    format!("too many blocks change rows in common ({blocks} need more than {colors})")
}

fn largest(blocks: &[Range<u32>]) -> usize {
    blocks.iter().map(ExactSizeIterator::len).max().unwrap_or(0)
}

/// So many of something, for a sentence.
pub(crate) fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

fn memory(bytes: usize) -> String {
    let mib = bytes as f64 / f64::from(1 << 20);
    if mib < 1024.0 { format!("{mib:.1} MiB") } else { format!("{:.1} GiB", mib / 1024.0) }
}

#[cfg(test)]
mod tests {
    use super::super::request::{ColumnSet, Target};
    use super::super::{Plan, plan, plan_with};
    use super::*;

    /// 40 edges from row 0 to itself: every block conflicts with every other.
    const HUB: [u32; 80] = [0; 80];

    fn hub(combines: bool) -> Target<'static> {
        let (values, columns) = (&HUB[..], ColumnSet::All);
        Target { values, arity: 2, columns, size: 1, group: 0, combines, row_bytes: 8 }
    }

    fn plan_of(positions: usize, block_size: usize, target: Target<'_>) -> Plan {
        let settings = Settings { block_size, ..Settings::for_positions(positions) };
        plan_with(&Request { positions, subset: None, targets: &[target] }, &settings)
    }

    #[test]
    fn direct_loops_need_no_colors() {
        let plan = plan(&Request { positions: 5000, subset: None, targets: &[] });
        assert_eq!(plan.strategy, Strategy::Direct);
        assert_eq!(
            plan.reason,
            "nothing is changed through a map, so the 5 blocks may all run at once"
        );
        assert!(plan.seconds >= 0.0);
    }

    #[test]
    fn a_small_loop_is_one_block_of_one_color() {
        let plan = plan(&Request { positions: 40, subset: None, targets: &[hub(false)] });
        assert_eq!(plan.strategy, Strategy::Colored { colors: vec![vec![0]] });
        assert_eq!(plan.blocks, [const { 0..40_u32 }]);
        assert_eq!(plan.reason, "40 elements make a single block, which runs in natural order");
    }

    #[test]
    fn an_empty_loop_has_no_colors() {
        let plan = plan(&Request { positions: 0, subset: None, targets: &[hub(true)] });
        assert_eq!(plan.strategy, Strategy::Colored { colors: Vec::new() });
        assert!(plan.blocks.is_empty());
    }

    #[test]
    fn few_blocks_are_colored_even_one_by_one() {
        let plan = plan_of(40, 5, hub(true));
        let colors = (0..8).map(|block| vec![block]).collect();
        assert_eq!(plan.strategy, Strategy::Colored { colors });
        assert_eq!(
            plan.reason,
            "8 blocks of up to 5 elements in 8 colors: blocks of one color change no row in common"
        );
    }

    #[test]
    fn crowded_increments_go_to_copies() {
        let plan = plan_of(40, 2, hub(true));
        let copies = vec![0..5, 5..10, 10..15, 15..20];
        assert_eq!(plan.strategy, Strategy::Replicated { copies });
        assert_eq!(
            plan.reason,
            "too many blocks change rows in common (20 blocks need more than 5 colors), so the \
             blocks work on 4 copies of the changed data (0.0 MiB), combined afterwards; \
             `cx.reorder` gives neighbors close numbers and makes colors possible"
        );
    }

    #[test]
    fn crowded_writes_run_one_after_the_other() {
        let plan = plan_of(40, 2, hub(false));
        assert_eq!(plan.strategy, Strategy::Serial);
        assert!(plan.reason.contains("20 blocks need more than 10 colors"), "{}", plan.reason);
        assert!(plan.reason.contains("overwritten (Write, Rw)"), "{}", plan.reason);
    }

    #[test]
    fn copies_must_fit_and_pay() {
        let large = Target { row_bytes: 1 << 30, ..hub(true) };
        let plan = plan_of(40, 2, large);
        assert_eq!(plan.strategy, Strategy::Serial);
        assert!(plan.reason.contains("would take 4.0 GiB"), "{}", plan.reason);
        let plan = plan_of(40, 2, Target { size: 81, ..hub(true) });
        assert_eq!(plan.strategy, Strategy::Serial);
        assert!(plan.reason.contains("cost more than the loop"), "{}", plan.reason);
    }

    #[test]
    fn writes_are_colored_where_copies_would_win_for_increments() {
        // Blocks of one edge; each row is named by three blocks in a row of 12.
        let table: Vec<u32> = (0..12).flat_map(|edge| [edge / 4, edge / 4]).collect();
        let target = Target { values: &table, size: 3, ..hub(false) };
        assert!(
            matches!(plan_of(12, 1, target).strategy, Strategy::Colored { colors } if colors.len() == 4)
        );
        let target = Target { combines: true, ..target };
        assert!(matches!(plan_of(12, 1, target).strategy, Strategy::Replicated { .. }));
    }
}

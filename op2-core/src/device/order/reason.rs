//! Why an order is as it is, in words for the user's report.

use std::fmt;

use crate::plan::strategy::count;

use super::Staging;

/// What speaks against a way to keep work-items apart, as the end of "but ..".
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Obstacle {
    /// Some target is overwritten.
    Overwrites,
    /// The device does not change some target's numbers in one piece.
    NotAtomic,
    /// Its sums would depend on the order.
    VaryingSums,
    /// Each element is several calls.
    Points,
    /// The rows of the smallest block do not fit.
    TooLarge { block: usize, local_bytes: usize },
    /// The elements of a block would stand in line.
    Turns { average: f64 },
    /// Blocks would.
    CrowdedBlocks { blocks: usize, max_colors: usize },
    /// Elements would.
    CrowdedElements { elements: usize, max_colors: usize },
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Overwrites => {
                f.write_str("rows that are overwritten (Write, Rw) cannot be combined")
            }
            Self::NotAtomic => f.write_str("the device cannot combine such rows in one piece"),
            Self::VaryingSums => f.write_str(
                "atomic sums would differ in their last bits from run to run (`OP2_RACES=atomics` \
                 allows them)",
            ),
            Self::Points => f.write_str("the kernel is called several times for each element"),
            Self::TooLarge { block, local_bytes } => {
                let (elements, memory) = (count(block, "element"), kib(local_bytes));
                write!(f, "the rows of {elements} do not fit into the memory of a group ({memory})")
            }
            Self::Turns { average } => {
                write!(f, "the elements of a block would take {average:.0} turns on average")
            }
            Self::CrowdedBlocks { blocks, max_colors } => {
                let (blocks, colors) = (count(blocks, "block"), count(max_colors, "color"));
                write!(
                    f,
                    "too many blocks change rows in common ({blocks} need more than {colors}; \
                     `cx.reorder` gives neighbors close numbers)"
                )
            }
            Self::CrowdedElements { elements, max_colors } => {
                let (elements, colors) = (count(elements, "element"), count(max_colors, "color"));
                write!(
                    f,
                    "too many elements change rows in common ({elements} need more than {colors})"
                )
            }
        }
    }
}

pub(super) const EMPTY: &str = "there are no elements";

pub(super) const DIRECT: &str = "nothing is changed through a map, so all elements may run at once";

pub(super) const EXACT: &str = "each change is made in one piece: integers, minima and maxima come \
                                out the same in any order";

pub(super) const ATOMICS: &str =
    "each change is made in one piece; sums may differ in their last bits from run to run";

pub(super) fn colored(elements: usize, num_colors: usize) -> String {
    if num_colors <= 1 {
        return format!("no row is changed by two of {}: one color", count(elements, "element"));
    }
    let (elements, colors) = (count(elements, "element"), count(num_colors, "color"));
    format!("{elements} in {colors}: elements of one color change no row in common")
}

pub(super) fn staged(staging: &Staging, num_colors: usize, bytes: usize) -> String {
    format!(
        "{} of up to {} in {}: blocks of one color change no row in common, and each combines its \
         changes in the memory of its group ({}), its elements in up to {}",
        count(staging.blocks.len(), "block"),
        count(staging.block, "element"),
        count(num_colors, "color"),
        kib(bytes),
        count(staging.num_colors.iter().max().map_or(0, |&turns| turns as usize), "turn"),
    )
}

pub(super) fn serial(crowded: &Obstacle, obstacle: &Obstacle) -> String {
    format!("{crowded}, and {obstacle}, so one work-item runs all elements")
}

fn kib(bytes: usize) -> String {
    format!("{:.1} KiB", bytes as f64 / 1024.0)
}

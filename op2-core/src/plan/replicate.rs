//! Whether parts of a loop may work on copies of the written data, combined afterwards.
//!
//! Each copy gets a run of consecutive blocks, so the sequence of increments, first within a copy and
//! then from copy to copy, is fixed by the plan.

use std::ops::Range;

use super::Settings;
use super::request::{Request, Target};

/// What speaks against copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// Some target is overwritten: two copies cannot be combined.
    Overwrites,
    /// The copies would take this many bytes.
    Memory(usize),
    /// Clearing and combining the copies would take longer than the loop.
    Cost,
}

/// The copies that a plan would use, and the memory that they take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Copies {
    pub(super) blocks: Vec<Range<u32>>,
    pub(super) bytes: usize,
}

/// Deals the blocks of a loop to copies, unless something speaks against it.
pub(super) fn copies(
    request: &Request<'_>,
    num_blocks: usize,
    settings: &Settings,
) -> Result<Copies, Obstacle> {
    if request.targets.iter().any(|target| !target.combines) {
        return Err(Obstacle::Overwrites);
    }
    let blocks = deal(num_blocks, settings.max_copies);
    let bytes_per_copy = bytes_per_copy(request.targets);
    let bytes = bytes_per_copy.saturating_mul(blocks.len());
    if bytes > settings.max_copied_bytes {
        return Err(Obstacle::Memory(bytes));
    }
    // Rows that the loop seldom touches make copies expensive: a loop over a few boundary edges
    // would clear whole dats. A mesh in which each row is touched once or more is worth it.
    if bytes_per_copy > touched_bytes(request) {
        return Err(Obstacle::Cost);
    }
    Ok(Copies { blocks, bytes })
}

/// Runs of consecutive blocks, their lengths differing by one at most; fewer than `copies` if there
/// are fewer blocks.
fn deal(num_blocks: usize, copies: usize) -> Vec<Range<u32>> {
    let copies = copies.clamp(1, num_blocks.max(1));
    let begin = |copy| (num_blocks * copy / copies) as u32;
    (0..copies).map(|copy| begin(copy)..begin(copy + 1)).collect()
}

/// One copy of each written dat.
fn bytes_per_copy(targets: &[Target<'_>]) -> usize {
    let first_of_group = |index: usize, target: &Target<'_>| {
        !targets[..index].iter().any(|earlier| earlier.group == target.group)
    };
    let counted =
        targets.iter().enumerate().filter(|&(index, target)| first_of_group(index, target));
    counted.fold(0, |sum, (_, target)| sum.saturating_add(bytes(target, target.size)))
}

/// What the loop writes, row by row.
fn touched_bytes(request: &Request<'_>) -> usize {
    let entries = |target: &Target<'_>| {
        request.positions.saturating_mul(target.columns.of(target.arity).len())
    };
    request.targets.iter().fold(0, |sum, target| sum.saturating_add(bytes(target, entries(target))))
}

fn bytes(target: &Target<'_>, rows: usize) -> usize {
    rows.saturating_mul(target.row_bytes)
}

#[cfg(test)]
mod tests {
    use super::super::request::ColumnSet;
    use super::*;

    const SETTINGS: Settings = Settings { block_size: 1, max_copies: 4, max_copied_bytes: 1000 };

    fn increments(size: usize, group: usize) -> Target<'static> {
        let (values, columns) = (&[0; 40][..], ColumnSet::All);
        Target { values, arity: 2, columns, size, group, combines: true, row_bytes: 8 }
    }

    fn try_copies(targets: &[Target<'_>]) -> Result<usize, Obstacle> {
        let request = Request { positions: 20, subset: None, targets };
        copies(&request, 20, &SETTINGS).map(|copies| copies.bytes)
    }

    #[test]
    fn blocks_are_dealt_in_even_runs() {
        assert_eq!(deal(10, 4), [0..2, 2..5, 5..7, 7..10]);
        assert_eq!(deal(2, 4), [0..1, 1..2]);
        assert_eq!(deal(0, 4), [const { 0..0_u32 }]);
    }

    #[test]
    fn each_dat_is_copied_once() {
        let targets = [increments(10, 3), increments(10, 3), increments(5, 1)];
        assert_eq!(try_copies(&targets), Ok(4 * (10 + 5) * 8));
    }

    #[test]
    fn what_speaks_against_copies_is_named() {
        let overwrites = Target { combines: false, ..increments(10, 0) };
        assert_eq!(try_copies(&[increments(10, 1), overwrites]), Err(Obstacle::Overwrites));
        assert_eq!(try_copies(&[increments(32, 0)]), Err(Obstacle::Memory(4 * 32 * 8)));
        let one_column = Target { columns: ColumnSet::One(0), ..increments(21, 0) };
        assert_eq!(try_copies(&[one_column]), Err(Obstacle::Cost));
        assert!(try_copies(&[Target { size: 20, ..one_column }]).is_ok());
    }
}

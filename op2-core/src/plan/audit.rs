//! Checks a plan from scratch, by other means than those that made it.
//!
//! The checked mode audits each plan before its first use. Planning remembers colors per row in bit
//! masks; the audit puts the rows of all blocks that run together into one set, and trusts nothing
//! of the plan: neither that blocks cover the loop, nor that colors cover the blocks.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use thiserror::Error;

use super::request::{Request, Target};
use super::{Plan, Strategy};

/// A rule that a plan breaks.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Clash {
    /// Blocks must follow each other.
    #[error("block {block} is {begin}..{end}, but position {expected} is the next to run")]
    OutOfPlace {
        /// The first block out of place.
        block: usize,
        /// Where it begins.
        begin: u32,
        /// Where it ends.
        end: u32,
        /// Where the block before it ends.
        expected: u32,
    },
    /// The last block must end with the loop.
    #[error("the blocks end at position {end}, but the loop has {positions} positions")]
    Unfinished {
        /// Where the last block ends.
        end: u32,
        /// Positions of the loop.
        positions: usize,
    },
    /// Each block must run exactly once.
    #[error("block {block} runs {times} times")]
    Times {
        /// The block.
        block: usize,
        /// How often the strategy names it.
        times: usize,
    },
    /// The strategy names a block that there is not.
    #[error("the order names block {block}, but there are {num_blocks} blocks")]
    NoSuchBlock {
        /// The block.
        block: u32,
        /// How many there are.
        num_blocks: usize,
    },
    /// Rows that are overwritten cannot be combined from copies.
    #[error("target {target} is overwritten, but the loop works on copies")]
    NotCombined {
        /// Index among the request's targets.
        target: usize,
    },
    /// An element names a row that the target set does not have, or has no entries at all.
    #[error(
        "target {target}: the map entries of element {element} do not lead to the {size} elements of the target set"
    )]
    NoSuchRow {
        /// Index among the request's targets.
        target: usize,
        /// The element.
        element: u32,
        /// Elements of the target set.
        size: usize,
    },
    /// Two blocks that run at once may change the same row.
    #[error("color {color}: {first} and {second} may change row {row} at the same time")]
    SharedRow {
        /// The color; 0 where all blocks run at once.
        color: usize,
        /// One of them.
        first: Place,
        /// The other.
        second: Place,
        /// The row that both may change.
        row: u32,
    },
}

/// An element in its loop, where it changes a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The block that runs it.
    pub block: u32,
    /// Its position in the loop.
    pub position: u32,
    /// The element at this position.
    pub element: u32,
    /// Index among the request's targets.
    pub target: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { block, position, element, target } = self;
        write!(f, "element {element} (position {position}, block {block}, target {target})")
    }
}

/// Checks that a plan runs each position of the loop exactly once, and that no two blocks that may
/// run at once change the same row of the same dat.
///
/// # Errors
/// The first rule that is found broken.
pub fn audit(request: &Request<'_>, plan: &Plan) -> Result<(), Clash> {
    check_blocks_cover_positions(request, plan)?;
    match &plan.strategy {
        Strategy::Serial => Ok(()),
        Strategy::Direct => {
            let blocks: Vec<u32> = (0..plan.blocks.len() as u32).collect();
            check_no_shared_row(request, plan, 0, &blocks)
        }
        Strategy::Colored { colors } => {
            check_each_block_runs_once(plan, colors.iter().flatten().copied())?;
            colors
                .iter()
                .enumerate()
                .try_for_each(|(color, blocks)| check_no_shared_row(request, plan, color, blocks))
        }
        // Blocks of one copy run in order, and copies share nothing.
        Strategy::Replicated { copies } => {
            check_all_targets_combine(request)?;
            check_each_block_runs_once(plan, copies.iter().cloned().flatten())
        }
    }
}

fn check_blocks_cover_positions(request: &Request<'_>, plan: &Plan) -> Result<(), Clash> {
    let mut expected = 0;
    for (block, &Range { start: begin, end }) in plan.blocks.iter().enumerate() {
        if begin != expected || end < begin {
            return Err(Clash::OutOfPlace { block, begin, end, expected });
        }
        expected = end;
    }
    if expected as usize == request.positions {
        return Ok(());
    }
    Err(Clash::Unfinished { end: expected, positions: request.positions })
}

fn check_all_targets_combine(request: &Request<'_>) -> Result<(), Clash> {
    match request.targets.iter().position(|target| !target.combines) {
        Some(target) => Err(Clash::NotCombined { target }),
        None => Ok(()),
    }
}

fn check_each_block_runs_once(plan: &Plan, named: impl Iterator<Item = u32>) -> Result<(), Clash> {
    let num_blocks = plan.blocks.len();
    let mut times = vec![0; num_blocks];
    for block in named {
        match times.get_mut(block as usize) {
            Some(times) => *times += 1,
            None => return Err(Clash::NoSuchBlock { block, num_blocks }),
        }
    }
    match times.iter().position(|&times| times != 1) {
        Some(block) => Err(Clash::Times { block, times: times[block] }),
        None => Ok(()),
    }
}

/// Checks blocks that run at once against each other.
fn check_no_shared_row(
    request: &Request<'_>,
    plan: &Plan,
    color: usize,
    blocks: &[u32],
) -> Result<(), Clash> {
    // Who changes a row of a group.
    let mut changed: HashMap<(usize, u32), Place> = HashMap::new();
    for &block in blocks {
        for position in plan.blocks[block as usize].clone() {
            let element = request.element(position);
            for (target, written) in request.targets.iter().enumerate() {
                let second = Place { block, position, element, target };
                for &row in rows(written, second)? {
                    let first = *changed.entry((written.group, row)).or_insert(second);
                    if first.block != block {
                        return Err(Clash::SharedRow { color, first, second, row });
                    }
                }
            }
        }
    }
    Ok(())
}

/// The rows that an element may change through a target.
fn rows<'a>(target: &Target<'a>, place: Place) -> Result<&'a [u32], Clash> {
    let begin = place.element as usize * target.arity;
    let columns = target.columns.of(target.arity);
    target
        .values
        .get(begin..begin + target.arity)
        .and_then(|entries| entries.get(columns))
        .filter(|rows| rows.iter().all(|&row| (row as usize) < target.size))
        .ok_or(Clash::NoSuchRow { target: place.target, element: place.element, size: target.size })
}

#[cfg(test)]
mod tests {
    use super::super::{ColumnSet, Settings, plan_with};
    use super::*;

    /// The path 0 - 1 - ... - 6 as edges.
    const PATH: [u32; 12] = [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6];

    fn path() -> Target<'static> {
        let (values, columns) = (&PATH[..], ColumnSet::All);
        Target { values, arity: 2, columns, size: 7, group: 0, combines: true, row_bytes: 8 }
    }

    fn request<'a>(targets: &'a [Target<'a>]) -> Request<'a> {
        Request { positions: 6, subset: None, targets }
    }

    /// Three blocks of two edges, in this order.
    fn plan(strategy: Strategy) -> Plan {
        Plan { blocks: vec![0..2, 2..4, 4..6], strategy, reason: String::new(), seconds: 0.0 }
    }

    fn colored(colors: &[&[u32]]) -> Plan {
        plan(Strategy::Colored { colors: colors.iter().map(|blocks| blocks.to_vec()).collect() })
    }

    #[test]
    fn a_safe_plan_passes() {
        let targets = [path()];
        let request = request(&targets);
        let settings = Settings { block_size: 2, ..Settings::for_positions(6) };
        assert_eq!(audit(&request, &plan_with(&request, &settings)), Ok(()));
        assert_eq!(audit(&request, &colored(&[&[2, 0], &[1]])), Ok(()));
        assert_eq!(audit(&request, &plan(Strategy::Serial)), Ok(()));
        assert_eq!(
            audit(&request, &plan(Strategy::Replicated { copies: vec![0..1, 1..3] })),
            Ok(())
        );
    }

    #[test]
    fn blocks_of_one_color_must_not_meet() {
        let targets = [path()];
        let clash = audit(&request(&targets), &colored(&[&[0], &[1, 2]])).unwrap_err();
        let place = |block, element| Place { block, position: element, element, target: 0 };
        let (first, second) = (place(1, 3), place(2, 4));
        assert_eq!(clash, Clash::SharedRow { color: 1, first, second, row: 4 });
        assert_eq!(
            clash.to_string(),
            "color 1: element 3 (position 3, block 1, target 0) and element 4 (position 4, block 2, \
             target 0) may change row 4 at the same time"
        );
    }

    #[test]
    fn a_direct_plan_must_not_change_rows_through_maps() {
        let targets = [path()];
        let clash = audit(&request(&targets), &plan(Strategy::Direct));
        assert!(matches!(clash, Err(Clash::SharedRow { row: 2, .. })));
        assert_eq!(audit(&request(&[]), &plan(Strategy::Direct)), Ok(()));
    }

    #[test]
    fn only_targets_of_one_group_meet() {
        let even = Target { columns: ColumnSet::One(0), ..path() };
        let odd = Target { columns: ColumnSet::One(1), ..path() };
        let together = colored(&[&[0, 1, 2]]);
        assert_eq!(audit(&request(&[even, Target { group: 1, ..odd }]), &together), Ok(()));
        let clash = audit(&request(&[even, odd]), &together).unwrap_err();
        assert!(matches!(clash, Clash::SharedRow { row: 2, first, second, .. }
            if (first.target, second.target) == (1, 0)));
    }

    #[test]
    fn elements_of_a_subset_are_told_from_positions() {
        let targets = [path()];
        let subset = [5, 4, 1, 0, 3, 2];
        let request = Request { subset: Some(&subset), ..request(&targets) };
        let clash = audit(&request, &colored(&[&[0], &[1, 2]])).unwrap_err();
        let Clash::SharedRow { first, second, row, .. } = clash else { panic!("{clash}") };
        assert_eq!((first.position, first.element), (2, 1));
        assert_eq!((second.position, second.element, row), (5, 2, 2));
    }

    #[test]
    fn every_position_runs_once() {
        let targets = [path()];
        let request = request(&targets);
        let with = |blocks| Plan { blocks, ..colored(&[&[0], &[1]]) };
        let gap = Clash::OutOfPlace { block: 1, begin: 4, end: 6, expected: 3 };
        assert_eq!(audit(&request, &with(vec![0..3, 4..6])), Err(gap));
        let short = Clash::Unfinished { end: 5, positions: 6 };
        assert_eq!(audit(&request, &with(vec![0..3, 3..5])), Err(short));
        assert!(audit(&request, &with(vec![0..3, 3..7])).is_err());
    }

    #[test]
    fn every_block_runs_once() {
        let targets = [path()];
        let request = request(&targets);
        let refuse = |plan: &Plan| audit(&request, plan).unwrap_err();
        assert_eq!(refuse(&colored(&[&[0], &[1]])), Clash::Times { block: 2, times: 0 });
        assert_eq!(refuse(&colored(&[&[0, 2], &[1], &[0]])), Clash::Times { block: 0, times: 2 });
        let beyond = Clash::NoSuchBlock { block: 3, num_blocks: 3 };
        assert_eq!(refuse(&colored(&[&[0, 3], &[1]])), beyond);
        let copies = plan(Strategy::Replicated { copies: vec![0..2, 1..3] });
        assert_eq!(refuse(&copies), Clash::Times { block: 1, times: 2 });
    }

    #[test]
    fn overwritten_rows_are_not_copied() {
        let targets = [path(), Target { combines: false, group: 1, ..path() }];
        let copies = plan(Strategy::Replicated { copies: vec![0..2, 2..3] });
        assert_eq!(audit(&request(&targets), &copies), Err(Clash::NotCombined { target: 1 }));
    }

    #[test]
    fn rows_must_exist() {
        let short = [Target { size: 6, ..path() }];
        let clash = Clash::NoSuchRow { target: 0, element: 5, size: 6 };
        assert_eq!(audit(&request(&short), &colored(&[&[0, 2], &[1]])), Err(clash));
        let column = [Target { columns: ColumnSet::One(2), ..path() }];
        assert!(audit(&request(&column), &colored(&[&[0, 2], &[1]])).is_err());
    }
}

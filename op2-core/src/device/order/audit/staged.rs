//! Checks blocks: their tables against the maps, their elements and themselves against each other.

use std::ops::Range;

use super::super::request::{Request, RequestTarget};
use super::super::{NOWHERE, Order, StagedTarget, Staging};
use super::{Flaw, Marks, check_each_once, check_targets, entries, rows};
use crate::matrix::table::DROPPED;

pub(super) fn check(request: &Request<'_>, order: &Order, staging: &Staging) -> Result<(), Flaw> {
    check_targets(request, "summed in blocks", |target| target.combines)?;
    if request.points != 1 {
        let points = request.points;
        return Err(format!("blocks cannot call the kernel {points} times an element").into());
    }
    check_shapes(request, staging)?;
    check_each_once("block", num_blocks(staging), &order.launches, |place| {
        staging.blocks.get(place as usize).map_or(usize::MAX, |&block| block as usize)
    })?;
    for (index, (target, staged)) in request.targets.iter().zip(&staging.targets).enumerate() {
        check_rows(target, staged)
            .and_then(|()| check_places(request, staging, target, staged))
            .and_then(|()| check_turns(request, staging, target))
            .and_then(|()| check_launches(order, staging, target, staged))
            .map_err(|what| Flaw::of(index, what))?;
    }
    Ok(())
}

fn num_blocks(staging: &Staging) -> usize {
    staging.num_colors.len()
}

/// The positions of a block.
fn positions(request: &Request<'_>, staging: &Staging, block: usize) -> Range<usize> {
    let begin = block * staging.block;
    begin..request.positions.min(begin + staging.block)
}

fn check_shapes(request: &Request<'_>, staging: &Staging) -> Result<(), Flaw> {
    if staging.block == 0 || num_blocks(staging) != request.positions.div_ceil(staging.block) {
        let (blocks, positions) = (num_blocks(staging), request.positions);
        return Err(
            format!("{blocks} blocks of {} for {positions} positions", staging.block).into()
        );
    }
    let (colors, blocks) = (staging.colors.len(), staging.blocks.len());
    if colors != request.positions || blocks != num_blocks(staging) {
        return Err(format!("{blocks} blocks are listed, {colors} positions have colors").into());
    }
    let (staged, targets) = (staging.targets.len(), request.targets.len());
    if staged != targets {
        return Err(format!("there are rows of {staged} targets, but {targets} targets").into());
    }
    for (index, (target, staged)) in request.targets.iter().zip(&staging.targets).enumerate() {
        let places = target.num_entries() * request.positions;
        if staged.offsets.len() != num_blocks(staging) + 1 || staged.places.len() != places {
            let (offsets, found) = (staged.offsets.len(), staged.places.len());
            return Err(Flaw::of(index, format!("{offsets} offsets and {found} places")));
        }
    }
    Ok(())
}

/// Rows of each block rise and exist, and no block has more than is said.
fn check_rows(target: &RequestTarget<'_>, staged: &StagedTarget) -> Result<(), String> {
    let (first, last) = (staged.offsets[0], staged.offsets[staged.offsets.len() - 1]);
    if first != 0 || last as usize != staged.rows.len() || !staged.offsets.is_sorted() {
        return Err(format!("the offsets do not cut {} rows into blocks", staged.rows.len()));
    }
    let mut most_rows = 0;
    for (block, bounds) in staged.offsets.windows(2).enumerate() {
        let rows = &staged.rows[bounds[0] as usize..bounds[1] as usize];
        if !rows.is_sorted_by(|a, b| a < b) {
            return Err(format!("the rows of block {block} do not rise"));
        }
        if let Some(row) = rows.iter().find(|&&row| row as usize >= target.num_rows) {
            return Err(format!("block {block} has row {row} of {}", target.num_rows));
        }
        most_rows = most_rows.max(rows.len());
    }
    if most_rows != staged.most_rows || most_rows > NOWHERE as usize {
        let said = staged.most_rows;
        return Err(format!("a block has {most_rows} rows, but {said} is said to be the most"));
    }
    Ok(())
}

/// Each place leads to the row that the entry names.
fn check_places(
    request: &Request<'_>,
    staging: &Staging,
    target: &RequestTarget<'_>,
    staged: &StagedTarget,
) -> Result<(), String> {
    for block in 0..num_blocks(staging) {
        let rows = staged.rows_of(block);
        for position in positions(request, staging, block) {
            for (entry, row) in entries(target, request.element(position)).enumerate() {
                let place = staged.places[entry * request.positions + position];
                let found = match place {
                    NOWHERE => Some(DROPPED),
                    place => rows.get(place as usize).copied(),
                };
                if found != Some(row) {
                    return Err(format!(
                        "entry {entry} at position {position} is row {row}, but place {place} of \
                         block {block} is not"
                    ));
                }
            }
        }
    }
    Ok(())
}

/// Elements of a block that change one row have different colors, of those that the block has.
fn check_turns(
    request: &Request<'_>,
    staging: &Staging,
    target: &RequestTarget<'_>,
) -> Result<(), String> {
    let mut changes: Vec<(u16, u32, usize)> = Vec::new();
    for block in 0..num_blocks(staging) {
        changes.clear();
        for position in positions(request, staging, block) {
            let color = staging.colors[position];
            if u32::from(color) >= staging.num_colors[block] {
                let colors = staging.num_colors[block];
                return Err(format!("position {position} has color {color} of {colors}"));
            }
            let element = request.element(position);
            changes.extend(rows(target, element).map(|row| (color, row, position)));
        }
        changes.sort_unstable();
        let clash = changes
            .windows(2)
            .find(|two| (two[0].0, two[0].1) == (two[1].0, two[1].1) && two[0].2 != two[1].2);
        if let Some(&[(color, row, first), (_, _, second)]) = clash {
            return Err(format!(
                "block {block}, color {color}: positions {first} and {second} change row {row} at \
                 the same time"
            ));
        }
    }
    Ok(())
}

/// No row is changed by two blocks of one launch.
fn check_launches(
    order: &Order,
    staging: &Staging,
    target: &RequestTarget<'_>,
    staged: &StagedTarget,
) -> Result<(), String> {
    let mut marks = Marks::new(target.num_rows);
    for (launch, range) in order.launches.iter().enumerate() {
        for &block in &staging.blocks[range.start as usize..range.end as usize] {
            for &row in staged.rows_of(block as usize) {
                marks.leave(row, launch, block as usize).map_err(|other| {
                    format!(
                        "launch {launch}: blocks {other} and {block} change row {row} at the same \
                         time"
                    )
                })?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "some orders have one launch")]
mod tests {
    use super::super::super::tests::{increments, path, request, writes};
    use super::super::super::{RaceStrategy, Races, order, request::Limits};
    use super::*;

    /// What the audit says, in words.
    fn audit(request: &Request<'_>, order: &Order) -> Result<(), String> {
        super::super::audit(request, order).map_err(|flaw| flaw.to_string())
    }

    /// Eight edges along a path, in blocks of four; what is planted, and what is said of it.
    fn planted(plant: impl Fn(&mut Order, &mut Staging)) -> Result<(), String> {
        let path = path(8);
        let targets = [increments(&path, 2, 9)];
        let request = request(8, &targets);
        let limits = Limits { local_bytes: 1 << 10, group: 4, wish: RaceStrategy::Staging };
        let mut order = order(&request, &limits);
        assert_eq!(order.races, Races::Staging, "{}", order.reason);
        let mut staging = order.staging.take().unwrap();
        plant(&mut order, &mut staging);
        order.staging = Some(staging);
        audit(&request, &order)
    }

    fn refusal(plant: impl Fn(&mut Order, &mut Staging)) -> String {
        planted(plant).unwrap_err()
    }

    #[test]
    fn a_right_order_passes() {
        assert_eq!(planted(|_, _| {}), Ok(()));
    }

    #[test]
    fn blocks_of_one_launch_must_not_meet() {
        assert_eq!(
            refusal(|order, _| order.launches = vec![0..2]),
            "target 0: launch 0: blocks 0 and 1 change row 4 at the same time"
        );
    }

    #[test]
    fn elements_of_one_turn_must_not_meet() {
        assert_eq!(
            refusal(|_, staging| staging.colors[1] = staging.colors[0]),
            "target 0: block 0, color 0: positions 0 and 1 change row 1 at the same time"
        );
        let beyond = refusal(|_, staging| staging.colors[2] = 2);
        assert_eq!(beyond, "target 0: position 2 has color 2 of 2");
    }

    #[test]
    fn every_block_runs_once() {
        assert_eq!(refusal(|order, _| order.launches.truncate(1)), "block 1 does not run");
        assert_eq!(refusal(|_, staging| staging.blocks[1] = 0), "block 0 runs twice");
        assert_eq!(refusal(|order, _| order.launches.push(0..1)), "block 0 runs twice");
        let fewer = refusal(|_, staging| staging.num_colors.truncate(1));
        assert_eq!(fewer, "1 blocks of 4 for 8 positions");
        assert!(refusal(|_, staging| staging.blocks.push(2)).contains("3 blocks are listed"));
    }

    #[test]
    fn places_must_lead_to_the_rows_of_the_map() {
        let wrong = refusal(|_, staging| staging.targets[0].places[9] = 3);
        assert_eq!(
            wrong,
            "target 0: entry 1 at position 1 is row 2, but place 3 of block 0 is not"
        );
        assert!(refusal(|_, staging| staging.targets[0].places[0] = NOWHERE).contains("is row 0"));
        assert!(refusal(|_, staging| staging.targets[0].places[0] = 5).contains("place 5"));
    }

    #[test]
    fn rows_must_rise_exist_and_be_counted() {
        let swapped = refusal(|_, staging| staging.targets[0].rows.swap(0, 1));
        assert_eq!(swapped, "target 0: the rows of block 0 do not rise");
        let beyond = refusal(|_, staging| staging.targets[0].rows[9] = 9);
        assert_eq!(beyond, "target 0: block 1 has row 9 of 9");
        let said = refusal(|_, staging| staging.targets[0].most_rows = 4);
        assert_eq!(said, "target 0: a block has 5 rows, but 4 is said to be the most");
        let offsets = refusal(|_, staging| staging.targets[0].offsets[2] = 9);
        assert_eq!(offsets, "target 0: the offsets do not cut 10 rows into blocks");
        assert!(refusal(|_, staging| staging.targets.clear()).contains("rows of 0 targets"));
        assert!(refusal(|_, staging| staging.targets[0].places.truncate(15)).contains("15 places"));
    }

    #[test]
    fn only_what_combines_is_summed() {
        let path = path(8);
        let (sums, overwrites) = ([increments(&path, 2, 9)], [writes(&path, 2, 9)]);
        let limits = Limits { local_bytes: 1 << 10, group: 4, wish: RaceStrategy::Staging };
        let found = order(&request(8, &sums), &limits);
        let refused = audit(&request(8, &overwrites), &found);
        assert_eq!(refused.unwrap_err(), "target 0: it cannot be summed in blocks");
        let points = Request { points: 9, ..request(8, &sums) };
        assert!(audit(&points, &found).unwrap_err().contains("9 times"));
    }
}

//! Plans that keep a given sequence: of two blocks that change a row in common, the one that comes first
//! in the sequence runs first.
//!
//! Colors serve those who do not mind in which sequence a row is changed. Here each row sees its
//! elements in a sequence that belongs to the mesh, not to the part of it that is planned, so that any
//! part of the mesh, planned for itself, changes its rows in the same sequence.
//!
//! A block's *level* is one more than the highest one among earlier blocks that it meets; blocks of one
//! level run together, levels in turn.

use std::ops::Range;
use std::time::Instant;

use super::Plan;
use super::conflict::{RowSpace, row_spaces};
use super::request::Request;
use super::strategy::{Strategy, count};

/// Plans a loop for `blocks` of positions: these follow each other, and each element's rows are changed
/// in the sequence of the block numbers `sequence`, which has each once.
///
/// # Panics
/// As [`plan`](super::plan), and if `sequence` names other blocks.
pub fn in_sequence(request: &Request<'_>, blocks: Vec<Range<u32>>, sequence: &[u32]) -> Plan {
    let started = Instant::now();
    let colors = levels(request, &blocks, sequence);
    let reason = format!(
        "{} in {}: rows see their elements in a sequence of the whole mesh",
        count(blocks.len(), "block"),
        count(colors.len(), "step"),
    );
    let seconds = started.elapsed().as_secs_f64();
    Plan { blocks, strategy: Strategy::Colored { colors }, reason, seconds }
}

fn levels(request: &Request<'_>, blocks: &[Range<u32>], sequence: &[u32]) -> Vec<Vec<u32>> {
    let spaces = row_spaces(request.targets);
    // For each row the first level at which it may be changed again.
    let mut next: Vec<Vec<u32>> = spaces.iter().map(|space| vec![0; space.size]).collect();
    let mut levels: Vec<Vec<u32>> = Vec::new();
    for &block in sequence {
        let range = &blocks[block as usize];
        if range.is_empty() {
            continue;
        }
        let level = first_free(request, range, &spaces, &next);
        for (space, next) in spaces.iter().zip(&mut next) {
            space.each_row(request, range, |row| next[row as usize] = level + 1);
        }
        if level as usize == levels.len() {
            levels.push(Vec::new());
        }
        levels[level as usize].push(block);
    }
    levels
}

fn first_free(
    request: &Request<'_>,
    block: &Range<u32>,
    spaces: &[RowSpace<'_>],
    next: &[Vec<u32>],
) -> u32 {
    let mut level = 0;
    for (space, next) in spaces.iter().zip(next) {
        space.each_row(request, block, |row| level = level.max(next[row as usize]));
    }
    level
}

#[cfg(test)]
mod tests {
    use super::super::audit;
    use super::super::blocks::cut;
    use super::super::request::{ColumnSet, Target};
    use super::*;

    fn target(values: &[u32], size: usize) -> Target<'_> {
        let columns = ColumnSet::All;
        Target { values, arity: 2, columns, size, group: 0, combines: true, row_bytes: 8 }
    }

    fn colors(plan: &Plan) -> &[Vec<u32>] {
        match &plan.strategy {
            Strategy::Colored { colors } => colors,
            other => panic!("levels are run like colors, not {other:?}"),
        }
    }

    /// Edges `i - (i + 1)`.
    fn path(len: u32) -> Vec<u32> {
        (0..len).flat_map(|i| [i, i + 1]).collect()
    }

    #[test]
    fn the_sequence_decides_how_much_runs_at_once() {
        let table = path(12);
        let target = [target(&table, 13)];
        let request = Request { positions: 12, subset: None, targets: &target };
        let plan = in_sequence(&request, cut(12, 2), &[0, 2, 4, 1, 3, 5]);
        assert_eq!(colors(&plan), [[0, 2, 4], [1, 3, 5]]);
        assert_eq!(
            plan.reason,
            "6 blocks in 2 steps: rows see their elements in a sequence of the whole mesh"
        );
        let plan = in_sequence(&request, cut(12, 2), &[0, 1, 2, 3, 4, 5]);
        assert_eq!(colors(&plan).len(), 6);
    }

    #[test]
    fn a_direct_loop_is_one_step() {
        let request = Request { positions: 8, subset: None, targets: &[] };
        assert_eq!(colors(&in_sequence(&request, cut(8, 2), &[3, 1, 2, 0])), [[3, 1, 2, 0]]);
    }

    #[test]
    fn blocks_that_meet_keep_their_sequence() {
        let mut random = 7_u64;
        let mut below = |bound: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (random >> 33) % bound
        };
        for _ in 0..200 {
            let (edges, size) = (1 + below(60) as usize, 2 + below(40));
            let table: Vec<u32> = (0..2 * edges).map(|_| below(size) as u32).collect();
            let target = [target(&table, size as usize)];
            let request = Request { positions: edges, subset: None, targets: &target };
            let blocks = cut(edges, 1 + below(5) as usize);
            let mut sequence: Vec<u32> = (0..blocks.len() as u32).collect();
            sequence.sort_by_key(|block| block.wrapping_mul(2_654_435_761) % 97);
            let plan = in_sequence(&request, blocks.clone(), &sequence);
            audit(&request, &plan).unwrap();
            let run: Vec<u32> = colors(&plan).iter().flatten().copied().collect();
            for row in 0..size as u32 {
                let touches = |block: &&u32| {
                    let range = &blocks[**block as usize];
                    table[2 * range.start as usize..2 * range.end as usize].contains(&row)
                };
                let seen: Vec<&u32> = run.iter().filter(touches).collect();
                let wanted: Vec<&u32> = sequence.iter().filter(touches).collect();
                assert_eq!(seen, wanted);
            }
        }
    }
}

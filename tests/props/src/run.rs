//! Runs a plan with real threads, in the plainest way: each element adds numbers to the rows that it
//! may change.
//!
//! A row is read and stored in two steps, so that two threads on one row can lose a number; and each
//! row remembers who changed it last, so that two blocks on one row are found even when neither has.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};

use op2_core::plan::{ColumnSet, Plan, Request, Strategy, Target};

/// What a run leaves behind.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How often each row of each group was changed (`[group][row]`).
    pub counts: Vec<Vec<u64>>,
    /// Bits of floating-point sums, which tell the sequence of increments (`[group][row]`).
    pub sums: Vec<Vec<u64>>,
    /// How often two blocks that may run at once changed one row.
    pub meetings: usize,
}

/// All elements, one after the other, in natural order.
pub fn run_in_order(request: &Request<'_>) -> Outcome {
    let rows = Rows::new(request);
    rows.run(request, 0..request.positions as u32, 0);
    rows.outcome()
}

/// The blocks of a plan, those that may run at once dealt to so many threads.
pub fn run_plan(request: &Request<'_>, plan: &Plan, threads: usize) -> Outcome {
    let rows = Rows::new(request);
    match &plan.strategy {
        Strategy::Serial => {
            for (block, range) in plan.blocks.iter().enumerate() {
                // Each block is its own phase: none runs at once with another.
                rows.run(request, range.clone(), tag(block, block as u32));
            }
        }
        Strategy::Direct => {
            let all: Vec<u32> = (0..plan.blocks.len() as u32).collect();
            run_at_once(request, plan, &rows, (0, &all), threads);
        }
        Strategy::Colored { colors } => {
            for (color, blocks) in colors.iter().enumerate() {
                run_at_once(request, plan, &rows, (color, blocks), threads);
            }
        }
        Strategy::Replicated { copies } => {
            let copied: Vec<Rows> = copies.iter().map(|_| Rows::new(request)).collect();
            run_copies(request, plan, copies, &copied, threads);
            for copy in &copied {
                rows.combine(copy);
            }
        }
    }
    rows.outcome()
}

fn run_at_once(
    request: &Request<'_>,
    plan: &Plan,
    rows: &Rows,
    (color, blocks): (usize, &[u32]),
    threads: usize,
) {
    let run_share = |first| {
        for &block in blocks.iter().skip(first).step_by(threads) {
            rows.run(request, plan.blocks[block as usize].clone(), tag(color, block));
        }
    };
    in_threads(threads.min(blocks.len()), run_share);
}

fn run_copies(
    request: &Request<'_>,
    plan: &Plan,
    copies: &[Range<u32>],
    rows: &[Rows],
    threads: usize,
) {
    let run_share = |first| {
        for copy in (first..copies.len()).step_by(threads) {
            for block in copies[copy].clone() {
                let phase = tag(block as usize, block);
                rows[copy].run(request, plan.blocks[block as usize].clone(), phase);
            }
        }
    };
    in_threads(threads, run_share);
}

/// Calls `work` with `0..threads`, each in a thread of its own unless there is only one.
fn in_threads(threads: usize, work: impl Fn(usize) + Sync) {
    if threads <= 1 {
        return work(0);
    }
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let work = &work;
            scope.spawn(move || work(thread));
        }
    });
}

/// Phase and block in one word, never 0.
fn tag(phase: usize, block: u32) -> u64 {
    (phase as u64 + 1) << 32 | u64::from(block)
}

/// All rows that a loop may change.
struct Rows {
    groups: Vec<Vec<Row>>,
    meetings: AtomicUsize,
}

#[derive(Default)]
struct Row {
    count: AtomicU64,
    sum: AtomicU64,
    changed_by: AtomicU64,
}

impl Rows {
    fn new(request: &Request<'_>) -> Self {
        let mut groups: Vec<Vec<Row>> = Vec::new();
        for target in request.targets {
            groups.resize_with(groups.len().max(target.group + 1), Vec::new);
            groups[target.group].resize_with(target.size, Row::default);
        }
        Self { groups, meetings: AtomicUsize::new(0) }
    }

    /// Runs the elements at these positions in order.
    fn run(&self, request: &Request<'_>, positions: Range<u32>, tag: u64) {
        for position in positions {
            let element = request.subset.map_or(position, |subset| subset[position as usize]);
            for target in request.targets {
                for column in columns(target) {
                    let row = target.values[element as usize * target.arity + column];
                    let number = 1.0 / f64::from(3 + 2 * element + column as u32);
                    self.add(&self.groups[target.group][row as usize], number, tag);
                }
            }
        }
    }

    fn add(&self, row: &Row, number: f64, tag: u64) {
        let before = row.changed_by.swap(tag, SeqCst);
        if before >> 32 == tag >> 32 && before != tag {
            self.meetings.fetch_add(1, SeqCst);
        }
        row.count.store(row.count.load(SeqCst) + 1, SeqCst);
        let sum = f64::from_bits(row.sum.load(SeqCst)) + number;
        row.sum.store(sum.to_bits(), SeqCst);
    }

    fn combine(&self, copy: &Self) {
        for (row, part) in self.groups.iter().flatten().zip(copy.groups.iter().flatten()) {
            row.count.fetch_add(part.count.load(SeqCst), SeqCst);
            let sum = f64::from_bits(row.sum.load(SeqCst)) + f64::from_bits(part.sum.load(SeqCst));
            row.sum.store(sum.to_bits(), SeqCst);
        }
        self.meetings.fetch_add(copy.meetings.load(SeqCst), SeqCst);
    }

    fn outcome(self) -> Outcome {
        let of = |read: fn(&Row) -> u64| {
            self.groups.iter().map(|rows| rows.iter().map(read).collect()).collect()
        };
        Outcome {
            counts: of(|row| row.count.load(SeqCst)),
            sums: of(|row| row.sum.load(SeqCst)),
            meetings: self.meetings.load(SeqCst),
        }
    }
}

fn columns(target: &Target<'_>) -> Range<usize> {
    match target.columns {
        ColumnSet::All => 0..target.arity,
        ColumnSet::One(column) => column..column + 1,
    }
}

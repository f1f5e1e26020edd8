//! Random loops: which dats they change, through which entries of which maps.

use op2_core::plan::{ColumnSet, Request, Settings, Target};
use proptest::prelude::*;

use crate::meshes::{Edges, complete, path, random_edges, star};

/// A loop that owns what a [`Request`] borrows.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Maps from the iteration set to one target set; all have as many elements and as many rows.
    pub maps: Vec<Edges>,
    /// Elements of a subset.
    pub subset: Option<Vec<u32>>,
    /// What the loop changes.
    pub writes: Vec<Write>,
    /// Positions in a block.
    pub block_size: usize,
}

/// One argument that changes rows.
#[derive(Debug, Clone)]
pub struct Write {
    /// Index of the map.
    pub map: usize,
    /// Its entries.
    pub columns: ColumnSet,
    /// Which of the dats on the target set.
    pub dat: usize,
    /// Whether it increments.
    pub combines: bool,
}

/// Dats on the target set.
const DATS: usize = 3;

impl Problem {
    /// Elements of the iteration set.
    pub fn num_elements(&self) -> usize {
        self.maps.first().map_or(0, |map| map.table.len() / 2)
    }

    /// What the planner reads; one group for each dat.
    pub fn targets(&self) -> Vec<Target<'_>> {
        let target = |write: &Write| {
            let map = &self.maps[write.map];
            Target {
                values: &map.table,
                arity: 2,
                columns: write.columns,
                size: map.num_rows,
                group: write.dat,
                combines: write.combines,
                row_bytes: 8,
            }
        };
        self.writes.iter().map(target).collect()
    }

    /// The loop over the subset, or over all elements.
    pub fn request<'a>(&'a self, targets: &'a [Target<'a>]) -> Request<'a> {
        let subset = self.subset.as_deref();
        let positions = subset.map_or(self.num_elements(), <[u32]>::len);
        Request { positions, subset, targets }
    }

    /// Settings with the block size of this problem.
    pub fn settings(&self) -> Settings {
        let positions = self.subset.as_ref().map_or(self.num_elements(), Vec::len);
        Settings { block_size: self.block_size, ..Settings::for_positions(positions) }
    }
}

/// Loops over all kinds of maps.
pub fn problems() -> impl Strategy<Value = Problem> {
    (maps(), prop_oneof![2 => Just(1_usize), 3 => 1_usize..12, 1 => Just(1000)]).prop_flat_map(
        |(maps, block_size)| {
            let num_elements = (maps[0].table.len() / 2) as u32;
            let all: Vec<u32> = (0..num_elements).collect();
            let some = prop::sample::subsequence(all, 0..=num_elements as usize);
            let writes = prop::collection::vec(write(maps.len()), 0..6);
            (prop::option::of(some), writes, prop::bool::weighted(0.7)).prop_map(
                move |(subset, mut writes, only_increments)| {
                    for write in &mut writes {
                        write.combines |= only_increments;
                    }
                    Problem { maps: maps.clone(), subset, writes, block_size }
                },
            )
        },
    )
}

/// One map or two of equal length.
fn maps() -> impl Strategy<Value = Vec<Edges>> {
    let one = prop_oneof![
        8 => random_edges(),
        1 => (0_u32..50).prop_map(path),
        1 => (0_u32..300).prop_map(star),
        1 => (0_u32..20).prop_map(complete),
        1 => Just(star(5000)),
        1 => Just(complete(60)),
    ];
    let two = (random_edges(), random_edges()).prop_map(|(mut a, mut b)| {
        let len = a.table.len().min(b.table.len());
        a.table.truncate(len);
        b.table.truncate(len);
        a.num_rows = a.num_rows.max(b.num_rows);
        b.num_rows = a.num_rows;
        vec![a, b]
    });
    prop_oneof![3 => one.prop_map(|map| vec![map]), 2 => two]
}

fn write(num_maps: usize) -> impl Strategy<Value = Write> {
    let columns =
        prop_oneof![Just(ColumnSet::All), Just(ColumnSet::One(0)), Just(ColumnSet::One(1)),];
    (0..num_maps, columns, 0..DATS, any::<bool>()).prop_map(|(map, columns, dat, combines)| Write {
        map,
        columns,
        dat,
        combines,
    })
}

//! Random loops for a device: which dats and matrices they change, through which entries of which tables,
//! some of which lead nowhere; and a plain count of who changes what.

use std::collections::HashSet;

use op2_core::device::order::{
    Limits, Order, RaceStrategy, Races, ReachTable, Request, RequestTarget,
};
use op2_core::matrix::table::DROPPED;
use proptest::prelude::*;

use crate::meshes::random_table;

/// A loop that owns what a [`Request`] borrows.
#[derive(Debug, Clone)]
pub struct DeviceLoop {
    /// Tables of the iteration set, and the entries of each element.
    pub tables: Vec<(Vec<u32>, usize)>,
    /// Rows of every target.
    pub num_rows: usize,
    /// Elements of the iteration set.
    pub num_elements: usize,
    /// Elements of a subset.
    pub subset: Option<Vec<u32>>,
    /// What the loop changes.
    pub changes: Vec<Change>,
    /// Calls for each element.
    pub points: usize,
    /// What the device allows and the user wants.
    pub limits: Limits,
}

/// One target.
#[derive(Debug, Clone)]
pub struct Change {
    /// Tables with the columns that are used.
    pub reaches: Vec<(usize, Vec<usize>)>,
    /// Bytes of a row.
    pub row_bytes: usize,
    /// Whether it combines, in one piece, exactly.
    pub abilities: [bool; 3],
}

impl DeviceLoop {
    /// How many elements the loop runs over.
    pub fn positions(&self) -> usize {
        self.subset.as_ref().map_or(self.num_elements, Vec::len)
    }

    /// What the loop changes.
    pub fn targets(&self) -> Vec<RequestTarget<'_>> {
        let reach = |(table, columns): &(usize, Vec<usize>)| {
            let (table, arity) = &self.tables[*table];
            ReachTable { table, arity: *arity, columns: columns.clone() }
        };
        let target = |change: &Change| {
            let [combines, atomic, exact] = change.abilities;
            RequestTarget {
                reaches: change.reaches.iter().map(reach).collect(),
                num_rows: self.num_rows,
                row_bytes: change.row_bytes,
                combines,
                atomic,
                exact,
            }
        };
        self.changes.iter().map(target).collect()
    }

    /// The loop over the subset, or over all elements.
    pub fn request<'a>(&'a self, targets: &'a [RequestTarget<'a>]) -> Request<'a> {
        let (positions, subset) = (self.positions(), self.subset.as_deref());
        Request { positions, subset, targets, points: self.points }
    }

    /// The target and row of each change that an element makes.
    pub fn rows(&self, element: usize) -> HashSet<(usize, u32)> {
        let mut rows = HashSet::new();
        for (target, change) in self.changes.iter().enumerate() {
            for (table, columns) in &change.reaches {
                let (table, arity) = &self.tables[*table];
                let entries = columns.iter().map(|column| table[element * arity + column]);
                rows.extend(entries.filter(|&row| row != DROPPED).map(|row| (target, row)));
            }
        }
        rows
    }
}

/// Elements that an order lets run at once, for ways that let each element change rows by itself; one
/// list for each launch.
pub fn at_once(the_loop: &DeviceLoop, order: &Order) -> Vec<Vec<usize>> {
    let element = |position: u32| match &the_loop.subset {
        Some(subset) => subset[position as usize] as usize,
        None => position as usize,
    };
    let of_place = |place: u32| match order.races {
        Races::Coloring => order.elements[place as usize] as usize,
        _ => element(place),
    };
    order.launches.iter().map(|range| range.clone().map(of_place).collect()).collect()
}

/// All kinds of loops on all kinds of devices.
pub fn device_loops() -> impl Strategy<Value = DeviceLoop> {
    let tables = prop::collection::vec((1_usize..5).prop_flat_map(masked_table), 1..4);
    (tables, limits(), prop_oneof![9 => Just(1_usize), 1 => Just(4)]).prop_flat_map(
        |(tables, limits, points)| {
            let num_elements = tables.iter().map(|(table, arity, _)| table.len() / arity).min();
            let num_elements = num_elements.unwrap_or(0);
            let num_rows = tables.iter().map(|(_, _, num_rows)| *num_rows).max().unwrap_or(0);
            let tables: Vec<(Vec<u32>, usize)> =
                tables.into_iter().map(|(table, arity, _)| (table, arity)).collect();
            let all: Vec<u32> = (0..num_elements as u32).collect();
            let subset = prop::option::of(prop::sample::subsequence(all, 0..=num_elements));
            let changes = prop::collection::vec(change(&tables), 0..4);
            (subset, changes, prop::bool::weighted(0.7)).prop_map(
                move |(subset, mut changes, only_sums)| {
                    changes.iter_mut().for_each(|change| change.abilities[0] |= only_sums);
                    let tables = tables.clone();
                    DeviceLoop { tables, num_rows, num_elements, subset, changes, points, limits }
                },
            )
        },
    )
}

/// Entries, arity, rows; some entries lead nowhere.
fn masked_table(arity: usize) -> impl Strategy<Value = (Vec<u32>, usize, usize)> {
    let table = random_table(arity);
    (table, prop_oneof![2 => Just(0_u32), 1 => 1_u32..4]).prop_map(
        move |((mut table, num_rows), every)| {
            for row in &mut table {
                // A mask leaves out rows, wherever they are named.
                if every > 0 && *row % 4 < every {
                    *row = DROPPED;
                }
            }
            (table, arity, num_rows)
        },
    )
}

fn limits() -> impl Strategy<Value = Limits> {
    let group = prop_oneof![Just(1_usize), Just(3), Just(8), Just(32), Just(100), Just(256)];
    let local_bytes = prop_oneof![Just(0_usize), Just(64), Just(512), Just(48 << 10)];
    let wish = prop::sample::select(RaceStrategy::ALL.to_vec());
    (group, local_bytes, wish).prop_map(|(group, local_bytes, wish)| Limits {
        local_bytes,
        group,
        wish,
    })
}

fn change(tables: &[(Vec<u32>, usize)]) -> impl Strategy<Value = Change> + use<> {
    let arities: Vec<usize> = tables.iter().map(|(_, arity)| *arity).collect();
    let reach = (0..arities.len()).prop_flat_map(move |table| {
        let columns: Vec<usize> = (0..arities[table]).collect();
        let some = prop::sample::subsequence(columns, 1..=arities[table]);
        (Just(table), some)
    });
    let row_bytes = prop_oneof![Just(1_usize), Just(8), Just(24)];
    (prop::collection::vec(reach, 1..4), row_bytes, any::<[bool; 3]>())
        .prop_map(|(reaches, row_bytes, abilities)| Change { reaches, row_bytes, abilities })
}

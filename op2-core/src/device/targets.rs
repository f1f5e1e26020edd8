//! What a loop changes through maps: the only places where work-items can meet.

use crate::mesh::access::Access;
use crate::par_loop::arg::{ArgRef, DataRef};
use crate::par_loop::descriptor::LoopRef;

/// A dat or matrix that a loop changes through maps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The first argument that names it.
    pub first: usize,
    /// How it is changed.
    pub access: Access,
    /// The arguments that reach it, in order.
    pub reaches: Vec<Reach>,
}

/// One argument's way to a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The argument.
    pub arg: usize,
    /// The columns of its table that it uses, in the order of the kernel's rows: those of a map, or
    /// `row * column arity + column` of a matrix's places.
    pub columns: Vec<usize>,
    /// How many columns the reaches before it have: its first place among the target's
    /// entries.
    pub first_entry: usize,
}

impl Target {
    /// The columns of all reaches together: what one element may change, in rows.
    pub fn num_entries(&self) -> usize {
        self.reaches.iter().map(|reach| reach.columns.len()).sum()
    }
}

/// All dats and matrices that a loop changes through maps, in the order of its arguments.
pub fn targets(the_loop: &LoopRef<'_>) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    for (i, arg) in the_loop.args.iter().enumerate() {
        if !arg.access.writes() || arg.via.rows().is_none() {
            continue;
        }
        let same = |other: &ArgRef<'_>| other.stored() == arg.stored();
        let first = the_loop.args.iter().position(same).unwrap_or(i);
        let columns = columns(arg);
        match targets.iter_mut().find(|target| target.first == first) {
            Some(target) => {
                let first_entry = target.num_entries();
                target.reaches.push(Reach { arg: i, columns, first_entry });
            }
            None => targets.push(Target {
                first,
                access: arg.access,
                reaches: vec![Reach { arg: i, columns, first_entry: 0 }],
            }),
        }
    }
    targets
}

/// The columns of an argument's table that a loop uses.
pub fn columns(arg: &ArgRef<'_>) -> Vec<usize> {
    match (arg.data, arg.mat(), arg.via.rows()) {
        (DataRef::Mat(_), Some((_, rows, cols)), _) => {
            let row = |a: usize| cols.columns().map(move |b| a * cols.map.arity + b);
            rows.columns().flat_map(row).collect()
        }
        (_, _, Some(route)) => route.columns().collect(),
        (_, _, None) => Vec::new(),
    }
}

/// Entries of each element in an argument's table: of the map, or of a matrix's places.
pub fn table_arity(arg: &ArgRef<'_>) -> usize {
    match (arg.mat(), arg.via.rows()) {
        (Some((_, rows, cols)), _) => rows.map.arity * cols.map.arity,
        (None, Some(route)) => route.map.arity,
        (None, None) => 0,
    }
}

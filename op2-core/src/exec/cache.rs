//! Plans, made once and kept: one per pattern of writes through maps, whatever the kernel.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::lasting::Lasting;
use crate::mesh::mirror::Kept;
use crate::par_loop::arg::{ArgRef, DataRef, Part, Route};
use crate::par_loop::descriptor::LoopRef;
use crate::par_loop::piece::Piece;
use crate::plan::{ColumnSet, Plan, Request, Target, plan};

/// What a plan depends on: the numbering, the space, then for each written argument its group (which arguments
/// write the same dat), map, columns and mode.
type Key = Vec<u64>;

/// The plans of one context.
#[derive(Default)]
pub(crate) struct PlanCache {
    plans: Mutex<HashMap<Key, Lasting<Plan>>>,
}

impl PlanCache {
    /// The plan of a loop; the flag says whether it was made just now.
    pub(crate) fn get(&self, the_loop: &LoopRef<'_>, elements: Space<'_>) -> (Arc<Plan>, bool) {
        let key = key(the_loop, elements.piece);
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = plans.get(&key) {
            return (plan.value().clone(), false);
        }
        let made = Arc::new(make(the_loop, elements));
        plans.retain(|_, plan| plan.is_needed());
        plans.insert(
            key,
            Lasting::new(made.clone(), &the_loop.depends_on(|arg| arg.access.writes())),
        );
        (made, true)
    }

    /// Forgets all plans: numbers have changed.
    pub(crate) fn clear(&self) {
        self.plans.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Puts a plan in place of the right one, to see whether the checked mode notices.
    #[cfg(test)]
    pub(crate) fn plant(&self, the_loop: &LoopRef<'_>, plan: Plan) {
        self.plans
            .lock()
            .unwrap()
            .insert(key(the_loop, Piece::All), Lasting::new(Arc::new(plan), &[]));
    }
}

/// The elements of a loop: how many, and which if not all.
#[derive(Clone, Copy)]
pub(crate) struct Space<'a> {
    pub(crate) positions: usize,
    pub(crate) list: Option<&'a [u32]>,
    /// What a device keeps of the list.
    pub(crate) kept: Option<&'a Kept>,
    /// Which part of the loop's elements.
    pub(crate) piece: Piece,
}

/// A list of elements that lasts as long as the numbering, with what a device keeps of it.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    pub(crate) elements: Vec<u32>,
    kept: Kept,
}

impl From<Vec<u32>> for Listed {
    fn from(elements: Vec<u32>) -> Self {
        Self { elements, kept: Kept::default() }
    }
}

impl<'a> Space<'a> {
    /// The elements of a list.
    pub(crate) fn listed(list: &'a Listed, piece: Piece) -> Self {
        let Listed { elements, kept } = list;
        Self { positions: elements.len(), list: Some(elements), kept: Some(kept), piece }
    }
}

/// An argument that changes rows through a map. Two elements that change one entry of a matrix
/// change one row of it: its columns are not looked at.
struct Written<'a> {
    arg: &'a ArgRef<'a>,
    /// The first argument that names the same dat or matrix.
    group: usize,
    rows: Route<'a>,
    row_bytes: usize,
}

fn written<'a>(the_loop: &LoopRef<'a>) -> impl Iterator<Item = Written<'a>> {
    let args = the_loop.args;
    args.iter().filter(|arg| arg.access.writes()).filter_map(move |arg| {
        let rows = arg.via.rows()?;
        let row_bytes = match arg.data {
            DataRef::Dat(dat) => dat.bytes,
            DataRef::Mat(mat) => mat.row_bytes(),
            _ => return None,
        };
        let group = args.iter().position(|other| other.stored() == arg.stored())?;
        Some(Written { arg, group, rows, row_bytes })
    })
}

/// What a plan depends on, as far as the loop goes.
pub(crate) fn key(the_loop: &LoopRef<'_>, piece: Piece) -> Key {
    let mut key = Vec::with_capacity(3 + 4 * the_loop.args.len());
    key.push(piece as u64);
    key.push(the_loop.space.set.home.numbering());
    key.push(the_loop.space.subset.map_or(the_loop.space.set.id, |subset| subset.id));
    for Written { arg, group, rows, row_bytes } in written(the_loop) {
        let columns = rows.columns();
        key.extend([group as u64, rows.map.id, (columns.start << 32 | columns.end) as u64]);
        key.push((row_bytes as u64) << 1 | u64::from(arg.access.combines()));
    }
    key
}

fn make(the_loop: &LoopRef<'_>, space: Space<'_>) -> Plan {
    with_request(the_loop, space, plan)
}

/// Calls `f` with the loop as the planner sees it.
pub(crate) fn with_request<R>(
    the_loop: &LoopRef<'_>,
    space: Space<'_>,
    f: impl FnOnce(&Request<'_>) -> R,
) -> R {
    let targets: Vec<Target<'_>> = written(the_loop)
        .map(|Written { arg, group, rows, row_bytes }| Target {
            // SAFETY: loops are planned in the home's turn.
            values: unsafe { rows.map.table() },
            arity: rows.map.arity,
            columns: match rows.part {
                Part::One(k) => ColumnSet::One(k),
                Part::All | Part::Point(_) => ColumnSet::All,
            },
            size: rows.map.to.rows(),
            group,
            combines: arg.access.combines(),
            row_bytes,
        })
        .collect();
    f(&Request { positions: space.positions, subset: space.list, targets: &targets })
}

//! From a loop's description to what its order depends on.

use std::sync::Arc;

use crate::device::api::Atomics;
use crate::device::call::Call;
use crate::device::targets::{Target, table_arity};
use crate::matrix::positions::Positions;
use crate::par_loop::arg::{ArgRef, DataRef};
use crate::par_loop::descriptor::LoopRef;

use super::leaves::{atomic, exact};
use super::request::{ReachTable, Request, RequestTarget};

/// Calls `f` with the loop as [`order`](super::order()) sees it.
///
/// `atomics` are the device's.
///
/// # Panics
/// If the places of a matrix that the loop changes are missing.
///
/// # Safety
/// Hold the turn of the loop's home: maps must not be renumbered meanwhile.
pub unsafe fn with_request<R>(
    call: &Call<'_>,
    atomics: Atomics,
    f: impl FnOnce(&Request<'_>) -> R,
) -> R {
    let Call { the_loop, positions, list, places, .. } = *call;
    let targets: Vec<RequestTarget<'_>> = call
        .targets
        .iter()
        // SAFETY: the caller holds the turn.
        .map(|target| unsafe { request_target(the_loop, target, places, atomics) })
        .collect();
    f(&Request { positions, subset: list, targets: &targets, points: the_loop.calls() })
}

/// # Safety
/// As [`with_request`].
unsafe fn request_target<'a>(
    the_loop: &LoopRef<'a>,
    target: &Target,
    places: &'a [Option<Arc<Positions>>],
    atomics: Atomics,
) -> RequestTarget<'a> {
    let (kind, num_rows, row_bytes) = match the_loop.args[target.first].data {
        DataRef::Dat(dat) => (dat.kind, dat.set.rows(), dat.bytes),
        DataRef::Mat(mat) => (mat.kind, mat.sparsity.num_stored(), mat.bytes),
        ref other => unreachable!("{other:?} is not changed through maps"),
    };
    let reaches = target.reaches.iter().map(|reach| {
        let arg = &the_loop.args[reach.arg];
        // SAFETY: the caller holds the turn.
        let table = unsafe { table(arg, places[reach.arg].as_deref()) };
        ReachTable { table, arity: table_arity(arg), columns: reach.columns.clone() }
    });
    RequestTarget {
        reaches: reaches.collect(),
        num_rows,
        row_bytes,
        combines: target.access.combines(),
        atomic: atomic(&kind, atomics),
        exact: exact(&kind, target.access),
    }
}

/// # Safety
/// As [`with_request`].
unsafe fn table<'a>(arg: &ArgRef<'a>, places: Option<&'a Positions>) -> &'a [u32] {
    match (arg.data, arg.via.rows()) {
        (DataRef::Mat(_), _) => places.expect("the places of each matrix").places(),
        // SAFETY: the caller holds the turn.
        (_, Some(route)) => unsafe { route.map.table() },
        (_, None) => &[],
    }
}

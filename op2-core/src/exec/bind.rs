//! From a loop's description to the raw pointers that its body works with.

use std::sync::Arc;

use crate::base::error::{Error, Result, Violation};
use crate::exec::engine::Engine;
use crate::matrix::positions::Positions;
use crate::matrix::side::Side;
use crate::par_loop::arg::{ArgRef, DataRef, Route};
use crate::par_loop::descriptor::LoopRef;
use crate::par_loop::view::Binding;

/// Scratch for partial results starts at multiples of this, so that threads do not share lines.
const LINE: usize = 64;

/// Everything a body needs that does not change during a loop.
pub(crate) struct Bound {
    pub(crate) bindings: Vec<Binding>,
    /// Bytes of scratch for the partial results of one block.
    pub(crate) partial_bytes: usize,
    /// Whether any dat's leaves are apart.
    pub(crate) scattered: bool,
    /// Keeps the table of user's numbers alive.
    _numbers: Option<Arc<crate::mesh::numbering::Numbering>>,
    /// For each argument that is a matrix: where its entries are.
    pub(crate) places: Vec<Option<Arc<Positions>>>,
}

/// Binds all arguments.
///
/// # Errors
/// Entries that a matrix does not have, not enough memory.
pub(crate) fn bind(the_loop: &LoopRef<'_>, engine: &Engine) -> Result<Bound> {
    let places = places(the_loop, engine)?;
    let uses_numbers = the_loop.args.iter().any(|arg| matches!(arg.data, DataRef::Index));
    let numbers = if uses_numbers { the_loop.space.set.order() } else { None };
    let mut partial_bytes = 0;
    let mut scattered = false;
    let mut bindings = Vec::with_capacity(the_loop.args.len());
    for (arg, places) in the_loop.args.iter().zip(&places) {
        let apart = arg.dat().is_some_and(|dat| dat.is_scattered());
        scattered |= apart;
        let partial = if arg.reduces() { reserve(&mut partial_bytes, arg) } else { 0 };
        bindings.push(Binding {
            data: match arg.data {
                // SAFETY: loops are bound in the home's turn, with no guard in the way (`validate`).
                DataRef::Dat(dat) => unsafe { dat.on_host(arg.access.writes())? },
                DataRef::Mat(mat) => mat.values_ptr()?,
                DataRef::Global(global) => global.value_ptr(),
                DataRef::Value { bytes, .. } => bytes.as_ptr().cast_mut(),
                DataRef::Index => numbers.as_ref().map_or(std::ptr::null_mut(), |order| {
                    order.to_user().as_ptr().cast_mut().cast()
                }),
                DataRef::Point(_) => std::ptr::null_mut(),
            },
            table: match (places, arg.via.rows()) {
                (Some(positions), _) => positions.places().as_ptr(),
                (None, Some(route)) => route.map.table_ptr(),
                (None, None) => std::ptr::null(),
            },
            scattered: arg.dat().filter(|_| apart).map_or(0, |dat| dat.set.rows()),
            partial,
            elements: places.as_ref().map_or(0, |places| places.num_elements()),
        });
    }
    let partial_bytes = partial_bytes.next_multiple_of(LINE);
    Ok(Bound { bindings, partial_bytes, scattered, _numbers: numbers, places })
}

/// Binds globals and plain values only; and the bytes of scratch for partial results.
pub(crate) fn bind_globals(the_loop: &LoopRef<'_>) -> (Vec<Binding>, usize) {
    let mut partial_bytes = 0;
    let binding = |arg: &ArgRef<'_>| Binding {
        data: match arg.data {
            DataRef::Global(global) => global.value_ptr(),
            DataRef::Value { bytes, .. } => bytes.as_ptr().cast_mut(),
            _ => std::ptr::null_mut(),
        },
        table: std::ptr::null(),
        scattered: 0,
        partial: if arg.reduces() { reserve(&mut partial_bytes, arg) } else { 0 },
        elements: 0,
    };
    let bindings = the_loop.args.iter().map(binding).collect();
    (bindings, partial_bytes.next_multiple_of(LINE))
}

/// For each argument that is a matrix, where the entries are that each element couples.
pub(crate) fn places(
    the_loop: &LoopRef<'_>,
    engine: &Engine,
) -> Result<Vec<Option<Arc<Positions>>>> {
    let find = |(i, arg): (usize, &ArgRef<'_>)| {
        let Some((mat, rows, cols)) = arg.mat() else { return Ok(None) };
        // SAFETY: loops are bound in the home's turn.
        let find = |_| unsafe { mat.sparsity.positions(side(rows), side(cols)) };
        engine.on_threads(find).map(Some).map_err(|error| match error {
            Error::OutOfMemory { .. } => error,
            other => {
                let reason = format!("mat `{}`: {other}", mat.name);
                the_loop.refuse(vec![Violation { argument: Some((i + 1, arg.text)), reason }])
            }
        })
    };
    the_loop.args.iter().enumerate().map(find).collect()
}

/// A place for one argument's partial result.
fn reserve(end: &mut usize, arg: &ArgRef<'_>) -> usize {
    let start = end.next_multiple_of(16);
    *end = start + arg.global().map_or(0, |global| global.bytes);
    start
}

fn side(route: Route<'_>) -> Side<'_> {
    Side { map: route.map, mask: route.mask.map(|mask| &**mask) }
}

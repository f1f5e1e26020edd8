//! From a loop's description to the raw pointers that its body works with.

use std::sync::Arc;

use crate::par_loop::arg::{ArgRef, DataRef};
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
    _numbers: Option<Arc<crate::mesh::ordering::Permutation>>,
}

/// Binds all arguments.
pub(crate) fn bind(the_loop: &LoopRef<'_>) -> Bound {
    let uses_numbers = the_loop.args.iter().any(|arg| matches!(arg.data, DataRef::Index));
    let numbers = if uses_numbers { the_loop.space.set.order() } else { None };
    let mut partial_bytes = 0;
    let mut scattered = false;
    let mut bindings = Vec::with_capacity(the_loop.args.len());
    for arg in the_loop.args {
        let apart = arg.dat().is_some_and(|dat| dat.is_scattered());
        scattered |= apart;
        let partial = if arg.reduces() { reserve(&mut partial_bytes, arg) } else { 0 };
        bindings.push(Binding {
            data: match arg.data {
                DataRef::Dat(dat) => dat.data_ptr(),
                DataRef::Global(global) => global.value_ptr(),
                DataRef::Value { bytes, .. } => bytes.as_ptr().cast_mut(),
                DataRef::Index => numbers.as_ref().map_or(std::ptr::null_mut(), |order| {
                    order.to_old().as_ptr().cast_mut().cast()
                }),
            },
            table: arg.via.map().map_or(std::ptr::null(), |map| map.table_ptr()),
            scattered: arg.dat().filter(|_| apart).map_or(0, |dat| dat.set.size),
            partial,
        });
    }
    let partial_bytes = partial_bytes.next_multiple_of(LINE);
    Bound { bindings, partial_bytes, scattered, _numbers: numbers }
}

/// A place for one argument's partial result.
fn reserve(end: &mut usize, arg: &ArgRef<'_>) -> usize {
    let start = end.next_multiple_of(16);
    *end = start + arg.global().map_or(0, |global| global.bytes);
    start
}

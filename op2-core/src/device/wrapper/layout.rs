//! Where values, partial results and groups go: what host and program must agree on.

use crate::base::element::ElementKind;
use crate::par_loop::arg::{ArgRef, DataRef};
use crate::par_loop::descriptor::LoopRef;

/// Values and partial results start at multiples of this.
const ALIGNMENT: usize = 16;

/// Groups of a loop that reduces, at most: each leaves a partial result for the host to combine.
const MOST_PARTIALS: usize = 1024;

/// How many groups run a loop: a work-item for each position, but for loops that reduce no more groups
/// than partial results are worth. It depends on sizes alone, and so does the order in which results are
/// combined.
///
/// Loops in [`Serial`](crate::device::order::Races::Serial) order are one group. To those in
/// [`Staging`](crate::device::order::Races::Staging) order a block is what a group's work-items are to others: one
/// position.
pub fn groups(positions: usize, group: usize, reduces: bool) -> usize {
    let all = positions.div_ceil(group);
    if reduces { all.min(MOST_PARTIALS) } else { all }
}

/// Where the plain values and the globals that are read lie among the packed values, argument by
/// argument, and how many bytes these are.
pub fn values_layout(the_loop: &LoopRef<'_>) -> (Vec<Option<usize>>, usize) {
    pack(the_loop, |arg| match arg.data {
        DataRef::Value { bytes, .. } => Some(bytes.len()),
        DataRef::Global(global) if !arg.access.writes() => Some(global.bytes),
        _ => None,
    })
}

/// Where the results of reductions lie in a group's partial result, argument by argument, and the bytes
/// from one group's to the next: as in the scratch of a block on the host, whose
/// [`combine_partials`](crate::par_loop::body::LoopBody::combine_partials) takes them as they are.
pub fn partials_layout(the_loop: &LoopRef<'_>) -> (Vec<Option<usize>>, usize) {
    pack(the_loop, |arg| arg.global().filter(|_| arg.reduces()).map(|global| global.bytes))
}

fn pack(
    the_loop: &LoopRef<'_>,
    size: impl Fn(&ArgRef<'_>) -> Option<usize>,
) -> (Vec<Option<usize>>, usize) {
    let mut end: usize = 0;
    let place = |arg| {
        let start = end.next_multiple_of(ALIGNMENT);
        let bytes = size(arg)?;
        end = start + bytes;
        Some(start)
    };
    let places = the_loop.args.iter().map(place).collect();
    (places, end.next_multiple_of(ALIGNMENT))
}

/// The indivisible part of an element, and how many of them it has.
pub(super) fn leaves(kind: &ElementKind) -> (ElementKind, usize) {
    match kind {
        ElementKind::Array { of, len } => {
            let (leaf, count) = leaves(of);
            (leaf, count * len)
        }
        other => (*other, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::element::{Element, ScalarKind};

    #[test]
    fn loops_that_reduce_are_few_groups() {
        assert_eq!(groups(1000, 256, false), 4);
        assert_eq!(groups(1 << 30, 256, false), 1 << 22);
        assert_eq!(groups(1 << 30, 256, true), MOST_PARTIALS);
        assert_eq!(groups(0, 256, true), 0);
    }

    #[test]
    fn leaves_are_counted_in_depth() {
        let (leaf, count) = leaves(&<[[f32; 2]; 3]>::KIND);
        assert_eq!((leaf, count), (ElementKind::Scalar(ScalarKind::F32), 6));
        assert_eq!(<[[f32; 2]; 3]>::KIND.bytes(), 24);
    }
}

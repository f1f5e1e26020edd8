//! How many bytes a loop must move: every value and map entry that it touches, counted once.

use crate::mesh::access::Access;
use crate::par_loop::descriptor::LoopRef;

/// Useful bytes of one call over `positions` elements. What is read and written counts twice.
pub(crate) fn useful(the_loop: &LoopRef<'_>, positions: usize) -> u64 {
    let mut total = 0;
    for (i, arg) in the_loop.args.iter().enumerate() {
        let before = &the_loop.args[..i];
        if let Some(dat) = arg.dat()
            && !before.iter().any(|other| other.dat().is_some_and(|d| d.id == dat.id))
        {
            let rows = match arg.via.map() {
                None => positions,
                Some(map) => map.to.size.min(positions * map.arity),
            };
            total += rows * dat.bytes * passes(arg.access);
        }
        if let Some(map) = arg.via.map()
            && !before.iter().any(|other| other.via.map().is_some_and(|m| m.id == map.id))
        {
            total += positions * map.arity * size_of::<u32>();
        }
    }
    if the_loop.space.subset.is_some() {
        total += positions * size_of::<u32>();
    }
    total as u64
}

const fn passes(access: Access) -> usize {
    match access {
        Access::Read | Access::Write => 1,
        Access::Rw | Access::Inc | Access::Min | Access::Max => 2,
    }
}

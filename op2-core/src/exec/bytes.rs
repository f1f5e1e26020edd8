//! How many bytes a loop must move: every value and map entry that it touches, counted once.

use crate::mesh::access::Access;
use crate::par_loop::arg::{ArgRef, Route};
use crate::par_loop::descriptor::LoopRef;

/// Useful bytes of one call over `positions` elements. What is read and written counts twice.
pub(crate) fn useful(the_loop: &LoopRef<'_>, positions: usize) -> u64 {
    let mut total = 0;
    for (i, arg) in the_loop.args.iter().enumerate() {
        let before = &the_loop.args[..i];
        let fresh = !before.iter().any(|other| other.stored() == arg.stored());
        if let Some(dat) = arg.dat()
            && fresh
        {
            let rows = match arg.via.rows() {
                None => positions,
                Some(Route { map, .. }) => map.to.rows().min(positions * map.arity),
            };
            total += rows * dat.bytes * passes(arg.access);
        }
        if let Some((mat, rows, cols)) = arg.mat() {
            // A matrix is reached through the places of its entries, not through the maps.
            let places = positions * rows.map.arity * cols.map.arity;
            total += places * size_of::<u32>();
            if fresh {
                total += (places * mat.bytes).min(mat.total_bytes()) * passes(arg.access);
            }
            continue;
        }
        if let Some(Route { map, .. }) = arg.via.rows()
            && !before.iter().any(|other| reads_map(other, map.id))
        {
            total += positions * map.arity * size_of::<u32>();
        }
    }
    if the_loop.space.subset.is_some() {
        total += positions * size_of::<u32>();
    }
    total as u64
}

/// Whether the loop reads the entries of a map for this argument.
fn reads_map(arg: &ArgRef<'_>, map: u64) -> bool {
    arg.dat().is_some() && arg.via.rows().is_some_and(|route| route.map.id == map)
}

const fn passes(access: Access) -> usize {
    match access {
        Access::Read | Access::Write => 1,
        Access::Rw | Access::Inc | Access::Min | Access::Max => 2,
    }
}

//! Copies of written dats, for meshes whose numbering leaves no blocks apart.
//!
//! The first copy is the dat itself; every other one starts from what changes nothing and is
//! combined into the dat afterwards, in order.

use rayon::prelude::*;

use crate::base::buffer::Buffer;
use crate::base::error::{Error, Result};
use crate::mesh::access::Access;
use crate::mesh::dat::DatCore;
use crate::par_loop::descriptor::LoopRef;
use crate::par_loop::view::Binding;

/// One further copy of everything that a loop combines through maps.
pub(crate) struct Copy<'a> {
    written: Vec<(&'a DatCore, Access, Buffer)>,
    /// The loop's arguments, with the copies in place of the dats.
    pub(crate) bindings: Vec<Binding>,
}

/// Makes `count` copies.
pub(crate) fn make<'a>(
    the_loop: &LoopRef<'a>,
    bindings: &[Binding],
    count: usize,
) -> Result<Vec<Copy<'a>>> {
    (0..count).map(|_| copy(the_loop, bindings)).collect()
}

fn copy<'a>(the_loop: &LoopRef<'a>, bindings: &[Binding]) -> Result<Copy<'a>> {
    let mut bindings = bindings.to_vec();
    let mut written: Vec<(&DatCore, Access, Buffer)> = Vec::new();
    for (arg, binding) in the_loop.args.iter().zip(&mut bindings) {
        let (Some(dat), Some(_), true) = (arg.dat(), arg.via.map(), arg.access.writes()) else {
            continue;
        };
        if !written.iter().any(|(other, ..)| other.id == dat.id) {
            let bytes = dat.set.size * dat.bytes;
            let buffer = Buffer::zeroed(bytes).map_err(|e| Error::OutOfMemory {
                what: format!("a copy of dat `{}` in loop `{}`", dat.name, the_loop.kernel().name),
                bytes: e.bytes,
            })?;
            if arg.access != Access::Inc {
                // Minima and maxima may start from the stored values, however often.
                // SAFETY: same size; nobody writes the dat before the loop starts.
                unsafe { buffer.as_mut_ptr().copy_from_nonoverlapping(dat.data_ptr(), bytes) };
            }
            written.push((dat, arg.access, buffer));
        }
        let found = written.iter().find(|(other, ..)| other.id == dat.id);
        binding.data = found.expect("just added").2.as_mut_ptr();
    }
    Ok(Copy { written, bindings })
}

/// Leaves that one task combines.
const CHUNK: usize = 1 << 14;

/// Combines the copies into the dats, copy after copy, all rows at once.
pub(crate) fn combine(copies: &[Copy<'_>], parallel: bool) {
    let Some(first) = copies.first() else { return };
    for (which, (dat, access, _)) in first.written.iter().enumerate() {
        let leaves = dat.set.size * dat.dim;
        let copies: Vec<&Buffer> = copies.iter().map(|copy| &copy.written[which].2).collect();
        let combine_chunk = |chunk: usize| {
            let leaves = chunk * CHUNK..((chunk + 1) * CHUNK).min(leaves);
            for copy in &copies {
                // SAFETY: the copy has the dat's shape; chunks are apart; the loop has ended.
                unsafe { dat.combine_leaves(*access, copy.as_ptr(), leaves.clone()) };
            }
        };
        let chunks = 0..leaves.div_ceil(CHUNK);
        if parallel {
            chunks.into_par_iter().for_each(combine_chunk);
        } else {
            chunks.for_each(combine_chunk);
        }
    }
}

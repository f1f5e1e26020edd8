//! Copies of written dats, for meshes whose numbering leaves no blocks apart.
//!
//! The first copy is the dat itself; every other one starts from what changes nothing and is
//! combined into the dat afterwards, in order.

use std::ops::Range;

use rayon::prelude::*;

use crate::base::buffer::Buffer;
use crate::base::error::{Error, Result};
use crate::mesh::access::Access;
use crate::par_loop::arg::{ArgRef, DataRef};
use crate::par_loop::descriptor::LoopRef;
use crate::par_loop::view::Binding;

/// One further copy of everything that a loop combines through maps.
pub(crate) struct Copy<'a> {
    written: Vec<Written<'a>>,
    /// The loop's arguments, with the copies in place of dats and matrices.
    pub(crate) bindings: Vec<Binding>,
}

/// A dat or matrix, and the copy of it.
struct Written<'a> {
    data: DataRef<'a>,
    id: u64,
    access: Access,
    /// The values themselves.
    own: *mut u8,
    copy: Buffer,
}

// SAFETY: the values are touched in `combine` only, after the loop, each range by one thread.
unsafe impl Sync for Written<'_> {}
// SAFETY: as above.
unsafe impl Send for Written<'_> {}

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
    let mut written: Vec<Written<'a>> = Vec::new();
    for (arg, binding) in the_loop.args.iter().zip(&mut bindings) {
        let (Some(id), Some(_), true) = (arg.stored(), arg.via.rows(), arg.access.writes()) else {
            continue;
        };
        let known = written.iter().position(|other| other.id == id);
        let at = known.unwrap_or(written.len());
        if known.is_none() {
            written.push(Written::new(the_loop, arg, id, binding.data)?);
        }
        binding.data = written[at].copy.as_mut_ptr();
    }
    Ok(Copy { written, bindings })
}

impl<'a> Written<'a> {
    fn new(the_loop: &LoopRef<'_>, arg: &ArgRef<'a>, id: u64, own: *mut u8) -> Result<Self> {
        let (what, bytes) = match arg.data {
            DataRef::Mat(mat) => (format!("mat `{}`", mat.name), mat.total_bytes()),
            DataRef::Dat(dat) => (format!("dat `{}`", dat.name), dat.set.rows() * dat.bytes),
            _ => unreachable!("only dats and matrices are reached through maps"),
        };
        let copy = Buffer::zeroed(bytes).map_err(|e| Error::OutOfMemory {
            what: format!("a copy of {what} in loop `{}`", the_loop.kernel().name),
            bytes: e.bytes,
        })?;
        if arg.access != Access::Inc {
            // Minima and maxima may start from the stored values, however often.
            // SAFETY: same size; nobody writes the values before the loop starts.
            unsafe { copy.as_mut_ptr().copy_from_nonoverlapping(own, bytes) };
        }
        Ok(Self { data: arg.data, id, access: arg.access, own, copy })
    }

    /// How many parts there are to combine.
    fn parts(&self) -> usize {
        match self.data {
            DataRef::Dat(dat) => dat.set.rows() * dat.dim,
            DataRef::Mat(mat) => mat.sparsity.pattern().num_entries(),
            _ => 0,
        }
    }

    /// Combines some parts of the copy with the values themselves.
    ///
    /// # Safety
    /// The loop has ended; nobody else touches these parts.
    unsafe fn combine(&self, parts: Range<usize>) {
        // SAFETY: the copy has the shape of the values; the rest is the caller's promise.
        unsafe {
            match self.data {
                DataRef::Dat(dat) => dat.combine_leaves(self.access, self.copy.as_ptr(), parts),
                DataRef::Mat(mat) => mat.accumulate(self.own, self.copy.as_ptr(), parts),
                _ => {}
            }
        }
    }
}

/// Leaves, or entries of a matrix, that one task combines.
const CHUNK: usize = 1 << 14;

/// Combines the copies into dats and matrices, copy after copy, all rows at once.
pub(crate) fn combine(copies: &[Copy<'_>], parallel: bool) {
    let Some(first) = copies.first() else { return };
    for (which, written) in first.written.iter().enumerate() {
        let parts = written.parts();
        let copies: Vec<&Written<'_>> = copies.iter().map(|copy| &copy.written[which]).collect();
        let combine_chunk = |chunk: usize| {
            let parts = chunk * CHUNK..((chunk + 1) * CHUNK).min(parts);
            for copy in &copies {
                // SAFETY: chunks are apart; the loop has ended.
                unsafe { copy.combine(parts.clone()) };
            }
        };
        let chunks = 0..parts.div_ceil(CHUNK);
        if parallel {
            chunks.into_par_iter().for_each(combine_chunk);
        } else {
            chunks.for_each(combine_chunk);
        }
    }
}

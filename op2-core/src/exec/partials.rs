//! Reductions: every block has its own partial result; they are combined in one fixed tree.
//!
//! The tree depends on the number of blocks alone, so that the result has the same bits for any
//! number of threads.

use std::sync::PoisonError;

use crate::mesh::access::Access;
use crate::mesh::global::GlobalCore;
use crate::par_loop::arg::ArgRef;
use crate::par_loop::descriptor::LoopRef;
use crate::par_loop::view::{Binding, Work};

/// Scratch memory for all blocks of one loop.
pub(crate) struct Partials {
    memory: Vec<Line>,
    lines_per_block: usize,
}

/// A cache line, so that blocks do not share any.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line(#[allow(dead_code)] [u8; 64]);

impl Partials {
    /// Partial results of `blocks` blocks, at what each mode starts from.
    pub(crate) fn new(
        the_loop: &LoopRef<'_>,
        bindings: &[Binding],
        bytes: usize,
        blocks: usize,
    ) -> Self {
        let lines_per_block = bytes.div_ceil(64);
        let memory = vec![Line([0; 64]); lines_per_block * blocks];
        let mut partials = Self { memory, lines_per_block };
        for (arg, binding) in reducing(the_loop, bindings) {
            for block in 0..blocks {
                // Sums start from zero and are added to the old value at the end; minima and maxima
                // start from it.
                if arg.access != Access::Inc {
                    // SAFETY: `bind` reserved this place for a value of that many bytes.
                    unsafe {
                        let place = partials.of(block).add(binding.partial);
                        place.copy_from_nonoverlapping(binding.data, bytes_of(arg));
                    }
                }
            }
        }
        partials
    }

    /// Where the results of the first block are.
    pub(crate) fn base(&mut self) -> *mut u8 {
        self.memory.as_mut_ptr().cast()
    }

    /// Bytes from one block to the next.
    pub(crate) fn stride(&self) -> usize {
        self.lines_per_block * size_of::<Line>()
    }

    /// Stores what was reduced elsewhere as the result of a block: `result` gives the bytes for an argument.
    pub(crate) fn store<'r>(
        &mut self,
        block: usize,
        the_loop: &LoopRef<'_>,
        bindings: &[Binding],
        result: impl Fn(usize) -> Option<&'r [u8]>,
    ) {
        for (i, (arg, binding)) in the_loop.args.iter().zip(bindings).enumerate() {
            let Some(result) = result(i).filter(|_| arg.reduces()) else { continue };
            let result = &result[..bytes_of(arg)];
            // SAFETY: `bind` reserved this place for a value of that many bytes.
            unsafe {
                let place = self.of(block).add(binding.partial);
                place.copy_from_nonoverlapping(result.as_ptr(), result.len());
            }
        }
    }

    fn of(&mut self, block: usize) -> *mut u8 {
        self.memory[block * self.lines_per_block..].as_mut_ptr().cast()
    }

    /// Combines all blocks and puts the results into the globals.
    pub(crate) fn finish(mut self, the_loop: &LoopRef<'_>, work: &Work, bindings: &[Binding]) {
        if self.lines_per_block == 0 {
            return;
        }
        let blocks = self.memory.len() / self.lines_per_block;
        let mut step = 1;
        while step < blocks {
            for left in (0..blocks - step).step_by(2 * step) {
                let (into, from) = (self.of(left), self.of(left + step));
                // SAFETY: two different blocks of this loop's scratch.
                unsafe { the_loop.body.combine_partials(work, into, from) };
            }
            step *= 2;
        }
        if blocks > 0 {
            self.put_back(the_loop, work, bindings);
        }
    }

    /// old value + total, in this order; a global passed twice gets both totals in turn.
    fn put_back(&mut self, the_loop: &LoopRef<'_>, work: &Work, bindings: &[Binding]) {
        let totals = self.of(0);
        for (arg, binding) in reducing(the_loop, bindings) {
            let mut scratch = vec![Line([0; 64]); self.lines_per_block];
            let scratch = scratch.as_mut_ptr().cast::<u8>();
            // SAFETY: `bind` reserved this place for a value of that many bytes; both are scratch
            // of this loop; the global is ours in the home's turn.
            unsafe {
                let result = scratch.add(binding.partial);
                result.copy_from_nonoverlapping(binding.data, bytes_of(arg));
                the_loop.body.combine_partials(work, scratch, totals);
                binding.data.copy_from_nonoverlapping(result, bytes_of(arg));
            }
        }
    }
}

/// Marks reduction handles as holding a result, after filling fresh ones with the identity; these
/// are returned.
pub(crate) fn start_reductions<'a>(the_loop: &LoopRef<'a>) -> Vec<&'a GlobalCore> {
    let mut started = Vec::new();
    for arg in the_loop.args.iter().filter(|arg| arg.reduces()) {
        let global = arg.global().expect("reduces into a global");
        let Some(pending) = &global.pending else { continue };
        let mut pending = pending.lock().unwrap_or_else(PoisonError::into_inner);
        if pending.is_none() {
            *pending = Some(arg.access);
            // SAFETY: a loop runs in the home's turn.
            unsafe { global.fill_identity(arg.access) };
            started.push(&**global);
        }
    }
    started
}

/// Takes back the start of reductions into which a loop that failed has put nothing.
pub(crate) fn withdraw(started: &[&GlobalCore]) {
    for global in started {
        if let Some(pending) = &global.pending {
            *pending.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        // SAFETY: a loop runs in the home's turn. Sums start from zero, as does an unused handle.
        unsafe { global.fill_identity(Access::Inc) };
    }
}

fn bytes_of(arg: &ArgRef<'_>) -> usize {
    arg.global().map_or(0, |global| global.bytes)
}

fn reducing<'a>(
    the_loop: &LoopRef<'a>,
    bindings: &'a [Binding],
) -> impl Iterator<Item = (&'a ArgRef<'a>, &'a Binding)> {
    the_loop.args.iter().zip(bindings).filter(|(arg, _)| arg.reduces())
}

//! Runs the blocks of a plan: on the calling thread, or colors in turn and blocks in parallel.

use rayon::prelude::*;

use crate::base::comm::Progress;
use crate::base::error::Result;
use crate::exec::copies;
use crate::exec::reproducible::{Sums, run_body};
use crate::par_loop::body::Form;
use crate::par_loop::descriptor::LoopRef;
use crate::par_loop::view::{Binding, Work};
use crate::plan::{Plan, Strategy};

/// One loop, ready to run block by block.
pub(crate) struct Job<'a> {
    pub(crate) the_loop: &'a LoopRef<'a>,
    pub(crate) plan: &'a Plan,
    pub(crate) form: Form,
    pub(crate) bindings: &'a [Binding],
    /// Positions and partial results are filled in per block.
    pub(crate) work: Work,
    /// Bytes from one block's partial results to those of the next.
    pub(crate) stride: usize,
    /// Where terms of sums are counted in the reproducible mode.
    pub(crate) sums: Option<&'a Sums>,
    /// Called after each block, by the thread that ran it.
    pub(crate) between: Progress<'a>,
}

// SAFETY: the raw pointers name data that the loop holds for itself (the home's turn, no guards);
// threads get blocks that share no written row (`plan`), and one partial result each.
unsafe impl Sync for Job<'_> {}

impl Job<'_> {
    /// Runs all blocks; `parallel` when called inside the pool.
    pub(crate) fn run(&self, parallel: bool) -> Result<()> {
        match &self.plan.strategy {
            Strategy::Direct => {
                self.several(parallel, self.bindings, 0..self.plan.blocks.len() as u32);
            }
            Strategy::Colored { colors } => {
                for color in colors {
                    if parallel && color.len() > 1 {
                        color.par_iter().for_each(|&block| self.block(self.bindings, block));
                    } else {
                        color.iter().for_each(|&block| self.block(self.bindings, block));
                    }
                }
            }
            Strategy::Serial => {
                self.several(false, self.bindings, 0..self.plan.blocks.len() as u32);
            }
            Strategy::Replicated { copies } => self.replicated(copies, parallel)?,
        }
        Ok(())
    }

    fn several(&self, parallel: bool, bindings: &[Binding], blocks: std::ops::Range<u32>) {
        if parallel {
            // Raw pointers do not cross threads by themselves.
            let bindings = Shared(bindings);
            blocks.into_par_iter().for_each(|block| self.block(bindings.get(), block));
        } else {
            blocks.for_each(|block| self.block(bindings, block));
        }
    }

    fn replicated(&self, runs: &[std::ops::Range<u32>], parallel: bool) -> Result<()> {
        let further = runs.len().saturating_sub(1);
        let copies = copies::make(self.the_loop, self.bindings, further)?;
        let bindings_of = |i: usize| match i {
            0 => Shared(self.bindings),
            _ => Shared(&copies[i - 1].bindings),
        };
        let shared: Vec<Shared<'_>> = (0..runs.len()).map(bindings_of).collect();
        let run = |i: usize| self.several(false, shared[i].get(), runs[i].clone());
        if parallel {
            (0..runs.len()).into_par_iter().with_max_len(1).for_each(run);
        } else {
            (0..runs.len()).for_each(run);
        }
        copies::combine(&copies, parallel);
        Ok(())
    }

    fn block(&self, bindings: &[Binding], block: u32) {
        let positions = self.plan.blocks[block as usize].clone();
        let work = Work {
            bindings: bindings.as_ptr(),
            lo: positions.start as usize,
            hi: positions.end as usize,
            partials: self.work.partials.wrapping_add(block as usize * self.stride),
            ..self.work
        };
        // SAFETY: the loop was validated, the plan keeps blocks that run together apart, and the
        // form was chosen for this machine.
        unsafe { run_body(self.the_loop, &work, bindings, self.form, self.sums) };
        if let Some(between) = self.between {
            between();
        }
    }
}

/// Bindings that several threads may read.
#[derive(Clone, Copy)]
struct Shared<'a>(&'a [Binding]);

// SAFETY: as for `Job`: the pointers are used only by blocks that the plan keeps apart.
unsafe impl Sync for Shared<'_> {}
// SAFETY: as above.
unsafe impl Send for Shared<'_> {}

impl<'a> Shared<'a> {
    fn get(&self) -> &'a [Binding] {
        self.0
    }
}

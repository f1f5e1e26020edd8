//! The life of one loop, on one screen.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use crate::base::comm::Progress;
use crate::base::config::{Backend, SimdLevel};
use crate::base::error::{Error, Result};
use crate::base::profile::{Call, EntryId, LoopKey};
use crate::exec::bind::{Bound, bind};
use crate::exec::blocks::Job;
use crate::exec::bytes::useful;
use crate::exec::cache::Space;
use crate::exec::checked;
use crate::exec::device;
use crate::exec::engine::Engine;
use crate::exec::partials::{Partials, start_reductions, withdraw};
use crate::exec::ranks;
use crate::exec::reproducible::{Shared, Sums, form_in_sequence, keeps_sequence};
use crate::par_loop::body::Form;
use crate::par_loop::descriptor::{LoopDesc, LoopRef};
use crate::par_loop::piece::Piece;
use crate::par_loop::validate::validate;
use crate::par_loop::view::Work;
use crate::plan::{Plan, Strategy};

/// Loops of fewer positions run on the calling thread: waking others takes longer.
const WORTH_SHARING: usize = 16_384;

/// Runs a loop now.
///
/// # Errors
/// Broken rules (all of them; nothing was run), a panicking kernel, what the checked mode finds.
///
/// # Safety
/// The loop is as `par_loop!` makes it, whose checks compiled: each argument is of the kind, the
/// type and the mode that the body was compiled for, and is reached as the body reaches it.
pub unsafe fn run(the_loop: &LoopRef<'_>) -> Result<()> {
    let home = &the_loop.space.set.home;
    let engine: &Engine = home.engine();
    let _turn = home.turn()?;
    home.settle_topology()?;
    let broken = validate(the_loop);
    if !broken.is_empty() {
        return Err(the_loop.refuse(broken));
    }
    let constants = Constants::read(the_loop)?;
    let profile = &engine.profile;
    let entry =
        profile.entry(LoopKey::new(the_loop.kernel().name, the_loop.site.file, the_loop.site.line));
    let call = if let Some(ranks) = &engine.ranks {
        // SAFETY: the caller's promise; the loop was validated.
        let done = unsafe { ranks::run::run(the_loop, engine, ranks, &constants, entry) };
        done.inspect_err(|error| ranks.comm.note(error))?
    } else {
        // SAFETY: as above.
        unsafe { run_here(the_loop, engine, &constants, entry)? }
    };
    profile.record(entry, call);
    Ok(())
}

/// Runs a validated loop on one rank.
///
/// # Safety
/// As [`run`].
unsafe fn run_here(
    the_loop: &LoopRef<'_>,
    engine: &Engine,
    constants: &Constants,
    entry: EntryId,
) -> Result<Call> {
    let sums = engine.settings.reproducible.then(|| Sums::of(the_loop));
    let with = With { constants, entry, sums: sums.as_ref(), between: None };
    let call = if sums.is_some() && keeps_sequence(the_loop) {
        // SAFETY: the caller's promise.
        unsafe { run_in_sequence(the_loop, engine, || None, with)? }
    } else {
        let subset = the_loop.space.subset.map(|subset| subset.indices());
        let space = Space {
            positions: subset.as_ref().map_or(the_loop.space.set.size, |list| list.len()),
            list: subset.as_deref(),
            kept: the_loop.space.subset.map(|subset| &subset.kept),
            piece: Piece::All,
        };
        // SAFETY: as above.
        unsafe { run_piece(the_loop, engine, space, with)? }
    };
    if let Some(sums) = sums {
        // SAFETY: a loop runs in the home's turn.
        unsafe { sums.finish() };
    }
    Ok(call)
}

/// What goes with elements, whichever run.
#[derive(Clone, Copy)]
pub(crate) struct With<'a> {
    pub(crate) constants: &'a Constants,
    /// Where they are counted.
    pub(crate) entry: EntryId,
    /// Where terms of sums are counted in the reproducible mode.
    pub(crate) sums: Option<&'a Sums>,
    /// Called now and then on the way, by any thread.
    pub(crate) between: Progress<'a>,
}

/// Runs elements of a validated loop.
///
/// # Safety
/// As [`run`]; elements are listed once, and stored here.
pub(crate) unsafe fn run_piece(
    the_loop: &LoopRef<'_>,
    engine: &Engine,
    space: Space<'_>,
    with: With<'_>,
) -> Result<Call> {
    let counted = |seconds| counted(the_loop, space, seconds);
    if let Some(accelerator) = &engine.device {
        // SAFETY: the caller's promise; the loop was validated.
        unsafe { device::run(the_loop, engine, accelerator, space, with.constants, with.entry)? };
        return Ok(counted(0.0));
    }
    let plan = match order(engine, space) {
        Order::Natural(plan) => Arc::new(plan),
        Order::Planned => {
            let (plan, fresh) = engine.plans.get(the_loop, space);
            if fresh {
                engine.profile.record_plan(with.entry, plan.seconds, plan.reason.clone());
            }
            plan
        }
    };
    // SAFETY: the caller's promise.
    unsafe { run_planned(the_loop, engine, space, &plan, with).map(counted) }
}

/// Runs all elements of a loop in the sequence of the reproducible mode: on several ranks those that
/// `shared` gives.
///
/// # Safety
/// As [`run_piece`].
pub(crate) unsafe fn run_in_sequence<'s>(
    the_loop: &LoopRef<'_>,
    engine: &Engine,
    shared: impl FnOnce() -> Option<Shared<'s>>,
    with: With<'_>,
) -> Result<Call> {
    let (sequence, fresh) = engine.sequences.get(the_loop, shared)?;
    if fresh {
        let Plan { seconds, reason, .. } = &sequence.plan;
        engine.profile.record_plan(with.entry, *seconds, reason.clone());
    }
    let space = sequence.space();
    // SAFETY: the caller's promise.
    unsafe { run_planned(the_loop, engine, space, &sequence.plan, with) }
        .map(|seconds| counted(the_loop, space, seconds))
}

/// Runs elements as a plan says, and tells how long it took.
///
/// # Safety
/// As [`run_piece`]; the plan is one for these elements.
unsafe fn run_planned(
    the_loop: &LoopRef<'_>,
    engine: &Engine,
    space: Space<'_>,
    plan: &Plan,
    with: With<'_>,
) -> Result<f64> {
    let bound = bind(the_loop, engine)?;
    let start = Instant::now();
    let started = start_reductions(the_loop);
    let done = if engine.settings.checked {
        checked::run(the_loop, engine, space, plan, &bound, with.constants.as_ptr(), with.sums)
    } else {
        execute(the_loop, engine, space, plan, &bound, with)
    };
    done.inspect_err(|_| withdraw(&started))?;
    Ok(start.elapsed().as_secs_f64())
}

/// What a run of these elements adds to the counters.
fn counted(the_loop: &LoopRef<'_>, space: Space<'_>, seconds: f64) -> Call {
    Call {
        seconds,
        bytes: useful(the_loop, space.positions),
        flops: u64::from(the_loop.kernel().cost.total())
            * (space.positions * the_loop.calls()) as u64,
        elements: space.positions as u64,
    }
}

/// A loop that is kept, to run again and again: it holds handles of all its data, and copies of its
/// plain values. Made by `prepare!`.
pub struct PreparedLoop(LoopDesc);

impl PreparedLoop {
    /// Keeps a loop.
    ///
    /// # Safety
    /// As for [`run`].
    pub unsafe fn new(the_loop: &LoopRef<'_>) -> Self {
        Self(the_loop.to_desc())
    }

    /// Runs the loop once, with the constants' and globals' present values.
    ///
    /// # Errors
    /// As `par_loop!`: broken rules (all of them; nothing was run), a panicking kernel.
    pub fn run(&self) -> Result<()> {
        // SAFETY: promised when the loop was kept; it holds the very handles it was made with.
        self.0.with(|the_loop| unsafe { run(the_loop) })
    }

    /// Shows the loop as plain data.
    #[doc(hidden)]
    pub fn with<R>(&self, f: impl FnOnce(&LoopRef<'_>) -> R) -> R {
        self.0.with(f)
    }
}

impl std::fmt::Debug for PreparedLoop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.with(|the_loop| {
            write!(f, "loop `{}` over `{}`", the_loop.kernel().name, the_loop.space.name())
        })
    }
}

/// In which order elements run.
enum Order {
    /// One after the other, by their numbers.
    Natural(Plan),
    /// As a plan says.
    Planned,
}

/// A single block needs no plan, and the plain reference wants none.
fn order(engine: &Engine, space: Space<'_>) -> Order {
    let reference = engine.simd == SimdLevel::Scalar && engine.settings.backend == Backend::Seq;
    if !reference && space.positions > crate::plan::blocks::block_size(space.positions) {
        return Order::Planned;
    }
    let blocks = crate::plan::blocks::cut(space.positions, space.positions);
    Order::Natural(Plan { blocks, strategy: Strategy::Serial, reason: String::new(), seconds: 0.0 })
}

fn execute(
    the_loop: &LoopRef<'_>,
    engine: &Engine,
    space: Space<'_>,
    plan: &Plan,
    bound: &Bound,
    with: With<'_>,
) -> Result<()> {
    let mut partials =
        Partials::new(the_loop, &bound.bindings, bound.partial_bytes, plan.blocks.len());
    let work = Work {
        bindings: bound.bindings.as_ptr(),
        constants: with.constants.as_ptr(),
        list: space.list.map_or(std::ptr::null(), <[u32]>::as_ptr),
        lo: 0,
        hi: 0,
        partials: partials.base(),
    };
    let form = Form { simd: engine.simd, plain: space.list.is_none() && !bound.scattered };
    let job = Job {
        the_loop,
        plan,
        form: if space.piece == Piece::Sequence { form_in_sequence(the_loop, form) } else { form },
        bindings: &bound.bindings,
        work,
        stride: partials.stride(),
        sums: with.sums,
        between: with.between,
    };
    catch_unwind(AssertUnwindSafe(|| {
        if space.positions > WORTH_SHARING {
            engine.on_threads(|parallel| job.run(parallel))?;
        } else {
            job.run(false)?;
        }
        partials.finish(the_loop, &work, &bound.bindings);
        Ok(())
    }))
    .unwrap_or_else(|panic| Err(panicked(the_loop, &*panic, None)))
}

/// The error for a kernel that panicked.
pub(crate) fn panicked(
    the_loop: &LoopRef<'_>,
    panic: &(dyn Any + Send),
    element: Option<usize>,
) -> Error {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned());
    let message = match element {
        Some(element) => format!("at element {element}: {text}"),
        None => text,
    };
    Error::KernelPanicked { name: the_loop.kernel().name, site: the_loop.site, message }
}

/// The constants of a kernel, read once per loop.
pub(crate) struct Constants(Vec<Aligned>);

#[derive(Clone, Copy)]
#[repr(align(16))]
struct Aligned(#[allow(dead_code)] [u8; 16]);

impl Constants {
    fn read(the_loop: &LoopRef<'_>) -> Result<Self> {
        let bytes = the_loop.body.constant_bytes();
        let mut buffer = vec![Aligned([0; 16]); bytes.div_ceil(16)];
        // SAFETY: the buffer has at least `constant_bytes` bytes at the right alignment.
        unsafe { the_loop.body.store_constants(buffer.as_mut_ptr().cast()) }.map_err(|name| {
            the_loop.refuse_whole(format!(
                "constant `{name}` is used before it is set: call `{name}.set(..)` first"
            ))
        })?;
        Ok(Self(buffer))
    }

    fn as_ptr(&self) -> *const u8 {
        self.0.as_ptr().cast()
    }

    /// All of them.
    pub(crate) fn bytes(&self, the_loop: &LoopRef<'_>) -> &[u8] {
        // SAFETY: the buffer has at least so many bytes, all initialized.
        unsafe { std::slice::from_raw_parts(self.as_ptr(), the_loop.body.constant_bytes()) }
    }
}

//! The life of one loop, on one screen.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use crate::base::config::{Backend, SimdLevel};
use crate::base::error::{Error, Result};
use crate::base::profile::{Call, LoopKey};
use crate::exec::bind::{Bound, bind};
use crate::exec::blocks::Job;
use crate::exec::bytes::useful;
use crate::exec::cache::Space;
use crate::exec::checked;
use crate::exec::device;
use crate::exec::engine::Engine;
use crate::exec::partials::{Partials, start_reductions, withdraw};
use crate::par_loop::body::Form;
use crate::par_loop::descriptor::{LoopDesc, LoopRef};
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
    let broken = validate(the_loop);
    if !broken.is_empty() {
        return Err(the_loop.refuse(broken));
    }
    let constants = Constants::read(the_loop)?;
    let subset = the_loop.space.subset.map(|subset| subset.indices());
    let space = Space {
        positions: subset.as_ref().map_or(the_loop.space.set.size, |list| list.len()),
        list: subset.as_deref(),
    };
    let profile = &engine.profile;
    let entry =
        profile.entry(LoopKey::new(the_loop.kernel().name, the_loop.site.file, the_loop.site.line));
    if let Some(accelerator) = &engine.device {
        // SAFETY: the caller's promise; the loop was validated.
        return unsafe { device::run(the_loop, engine, accelerator, space, &constants, entry) };
    }
    let plan = match order(engine, space) {
        Order::Natural(plan) => Arc::new(plan),
        Order::Planned => {
            let (plan, fresh) = engine.plans.get(the_loop, space);
            if fresh {
                profile.record_plan(entry, plan.seconds, plan.reason.clone());
            }
            plan
        }
    };
    let bound = bind(the_loop, engine)?;
    let start = Instant::now();
    let started = start_reductions(the_loop);
    let done = if engine.settings.checked {
        checked::run(the_loop, engine, space, &plan, &bound, constants.as_ptr())
    } else {
        execute(the_loop, engine, space, &plan, &bound, &constants)
    };
    done.inspect_err(|_| withdraw(&started))?;
    profile.record(
        entry,
        Call {
            seconds: start.elapsed().as_secs_f64(),
            bytes: useful(the_loop, space.positions),
            flops: u64::from(the_loop.kernel().cost.total())
                * (space.positions * the_loop.calls()) as u64,
            elements: space.positions as u64,
        },
    );
    Ok(())
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
    constants: &Constants,
) -> Result<()> {
    let mut partials =
        Partials::new(the_loop, &bound.bindings, bound.partial_bytes, plan.blocks.len());
    let work = Work {
        bindings: bound.bindings.as_ptr(),
        constants: constants.as_ptr(),
        list: space.list.map_or(std::ptr::null(), <[u32]>::as_ptr),
        lo: 0,
        hi: 0,
        partials: partials.base(),
    };
    let job = Job {
        the_loop,
        plan,
        form: Form { simd: engine.simd, plain: space.list.is_none() && !bound.scattered },
        bindings: &bound.bindings,
        work,
        stride: partials.stride(),
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

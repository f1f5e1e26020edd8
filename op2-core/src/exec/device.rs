//! The life of one loop on a device.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::base::config::SimdLevel;
use crate::base::error::Result;
use crate::base::profile::{Call as Counted, EntryId};
use crate::device::accelerator::Accelerator;
use crate::device::api::Runner;
use crate::device::call::Call;
use crate::device::launch::Reduced;
use crate::device::ready::Ready;
use crate::device::targets::targets;
use crate::exec::bind::{bind_globals, places};
use crate::exec::bytes::useful;
use crate::exec::cache::Space;
use crate::exec::checked::{appeared, entries_in_range, overwritten_twice};
use crate::exec::engine::Engine;
use crate::exec::non_finite::NonFinite;
use crate::exec::partials::{Partials, start_reductions, withdraw};
use crate::exec::run::{Constants, panicked};
use crate::par_loop::body::Form;
use crate::par_loop::descriptor::LoopRef;
use crate::par_loop::view::Work;

/// Runs a validated loop: ordered, compiled, its data brought, started.
///
/// # Errors
/// What the device cannot do (nothing was changed then), or its failure.
///
/// # Safety
/// As [`run`](super::run::run).
pub(crate) unsafe fn run(
    the_loop: &LoopRef<'_>,
    engine: &Engine,
    accelerator: &Accelerator,
    space: Space<'_>,
    constants: &Constants,
    entry: EntryId,
) -> Result<()> {
    if the_loop.kernel().host {
        return Err(the_loop.refuse_whole(format!(
            "it is a host kernel, which may hold any Rust and cannot run on {}",
            accelerator.facts().name
        )));
    }
    let places = places(the_loop, engine)?;
    let targets = targets(the_loop);
    let call = Call {
        the_loop,
        positions: space.positions,
        list: space.list,
        places: &places,
        targets: &targets,
        constants: constants.bytes(the_loop),
    };
    let counted = Counted {
        seconds: 0.0,
        bytes: useful(the_loop, space.positions),
        flops: u64::from(the_loop.kernel().cost.total())
            * (space.positions * the_loop.calls()) as u64,
        elements: space.positions as u64,
    };
    if space.positions == 0 {
        start_reductions(the_loop);
        engine.profile.record(entry, counted);
        return Ok(());
    }
    let memcheck = matches!(accelerator.device().runner(), Runner::Memcheck);
    let checked = engine.settings.checked || memcheck;
    if checked {
        let mut broken = entries_in_range(the_loop, space);
        if broken.is_empty() {
            broken = overwritten_twice(the_loop, space, &places);
        }
        if !broken.is_empty() {
            return Err(the_loop.refuse(broken));
        }
    }
    let before = if checked && !memcheck { NonFinite::of(the_loop)? } else { NonFinite::default() };
    let (ordered, fresh) = engine.on_threads(|_| accelerator.order(&call))?;
    if fresh {
        engine.profile.record_plan(entry, ordered.order.seconds, ordered.order.reason.clone());
    }
    let ready = engine.on_threads(|_| accelerator.ready(&call, ordered))?;
    let started = start_reductions(the_loop);
    let done = match accelerator.device().runner() {
        // SAFETY: the loop was validated.
        Runner::Compiler(_) => unsafe {
            accelerator.launch(&call, &ready, &engine.profile, entry).map(|reduced| {
                if let Some(reduced) = reduced {
                    combine(the_loop, &reduced)
                }
            })
        },
        Runner::Memcheck => check(accelerator, &call, &ready),
    };
    done.inspect_err(|_| withdraw(&started))?;
    before.compare(the_loop)?;
    engine.profile.record(entry, counted);
    Ok(())
}

/// Puts together what groups have reduced, and the old values.
fn combine(the_loop: &LoopRef<'_>, reduced: &Reduced) {
    let (bindings, bytes) = bind_globals(the_loop);
    let groups = reduced.bytes.len().checked_div(reduced.stride).unwrap_or(0);
    let mut partials = Partials::new(the_loop, &bindings, bytes, groups);
    for (group, results) in reduced.bytes.chunks_exact(reduced.stride).enumerate() {
        partials.store(group, the_loop, &bindings, |arg| {
            reduced.places[arg].map(|place| &results[place..])
        });
    }
    let work = work(&bindings, std::ptr::null(), partials.base());
    partials.finish(the_loop, &work, &bindings);
}

/// Runs the Rust code, element by element, on the memory of a device that finds mistakes.
fn check(accelerator: &Accelerator, call: &Call<'_>, ready: &Ready) -> Result<()> {
    let the_loop = call.the_loop;
    let (globals, bytes) = bind_globals(the_loop);
    let bindings = accelerator.checked_bindings(ready, globals.clone());
    let mut partials = Partials::new(the_loop, &globals, bytes, 1);
    let work = work(&bindings, call.constants.as_ptr(), partials.base());
    let mut element = 0;
    accelerator.check(call, ready, |step| {
        element = step.element;
        let work = Work { list: &raw const element, lo: 0, hi: 1, ..work };
        let form = Form { simd: SimdLevel::Scalar, plain: false };
        // SAFETY: the loop was validated, all that the element touches was checked, and this thread
        // runs alone.
        let written = |i: &usize| the_loop.args[*i].access.writes();
        let non_finite = |i: &usize| accelerator.has_non_finite(call, ready, *i, element);
        let was: Vec<bool> =
            (0..the_loop.args.len()).map(|i| written(&i) && non_finite(&i)).collect();
        let ran = catch_unwind(AssertUnwindSafe(|| unsafe { the_loop.body.run(&work, form) }));
        let user = the_loop.space.set.user_number(element as usize);
        ran.map_err(|panic| panicked(the_loop, &*panic, Some(user)))?;
        match (0..was.len()).find(|i| written(i) && !was[*i] && non_finite(i)) {
            Some(i) => Err(appeared(the_loop, i, element as usize)),
            None => Ok(()),
        }
    })?;
    let finished = catch_unwind(AssertUnwindSafe(|| partials.finish(the_loop, &work, &globals)));
    finished.map_err(|panic| panicked(the_loop, &*panic, None))
}

fn work(
    bindings: &[crate::par_loop::view::Binding],
    constants: *const u8,
    partials: *mut u8,
) -> Work {
    let list = std::ptr::null();
    Work { bindings: bindings.as_ptr(), constants, list, lo: 0, hi: 0, partials }
}

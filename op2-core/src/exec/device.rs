//! The life of one loop on a device.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::base::config::SimdLevel;
use crate::base::error::Result;
use crate::base::profile::EntryId;
use crate::device::accelerator::Accelerator;
use crate::device::api::Runner;
use crate::device::call::Call;
use crate::device::launch::Reduced;
use crate::device::ready::Ready;
use crate::device::targets::targets;
use crate::exec::bind::{bind_globals, places};
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
        kept: space.kept,
        piece: space.piece,
        places: &places,
        targets: &targets,
        constants: constants.bytes(the_loop),
    };
    if space.positions == 0 {
        start_reductions(the_loop);
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
            accelerator.launch(&call, &ready, &engine.profile, entry).and_then(|reduced| {
                before.compare(the_loop)?;
                let Some(reduced) = reduced.filter(|reduced| reduced.stride > 0) else {
                    return Ok(());
                };
                let combined = catch_unwind(AssertUnwindSafe(|| combine(the_loop, &reduced)));
                combined.map_err(|panic| panicked(the_loop, &*panic, None))
            })
        },
        Runner::Memcheck => check(accelerator, &call, &ready),
    };
    done.inspect_err(|_| withdraw(&started)).map(drop)
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
    let bindings = ready.checked_bindings(globals.clone());
    let mut partials = Partials::new(the_loop, &globals, bytes, 1);
    let work = work(&bindings, call.constants.as_ptr(), partials.base());
    let mut element = 0;
    accelerator.check(call, ready, |step| {
        element = step.element;
        let work = Work { list: &raw const element, lo: 0, hi: 1, ..work };
        let form = Form { simd: SimdLevel::Scalar, plain: false };
        let written = |i: &usize| the_loop.args[*i].access.writes();
        let non_finite = |i: &usize| ready.has_non_finite(call, *i, element);
        let was: Vec<bool> =
            (0..the_loop.args.len()).map(|i| written(&i) && non_finite(&i)).collect();
        // SAFETY: the loop was validated, all that the element touches was checked, and this thread
        // runs alone.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::config::{Backend, Settings};
    use crate::base::error::Site;
    use crate::base::layout::Layout;
    use crate::device::memcheck::run::in_turn;
    use crate::device::order::{Order, RaceStrategy, Races};
    use crate::device::targets::Target;
    use crate::kernel::{Cost, KernelInfo};
    use crate::mesh::access::Access;
    use crate::mesh::dat::Dat;
    use crate::mesh::home::Home;
    use crate::mesh::map::Map;
    use crate::mesh::set::{Set, SetMarker};
    use crate::par_loop::arg::{ArgRef, DataRef, Part, Route, SpaceRef, Via};
    use crate::par_loop::body::LoopBody;
    use crate::par_loop::piece::Piece;

    struct Nodes;
    impl SetMarker for Nodes {
        const NAME: &'static str = "nodes";
    }
    struct Edges;
    impl SetMarker for Edges {
        const NAME: &'static str = "edges";
    }

    static KERNEL: KernelInfo = KernelInfo {
        name: "nothing",
        file: "",
        line: 0,
        params: &[],
        cost: Cost { flops: 0, divisions: 0, square_roots: 0, transcendentals: 0 },
        host: false,
        lanes: 1,
        code: None,
    };

    /// A kernel that does nothing: only the order of elements matters here.
    struct Nothing;

    // SAFETY: touches nothing.
    unsafe impl LoopBody for Nothing {
        fn kernel(&self) -> &'static KernelInfo {
            &KERNEL
        }
        fn points(&self) -> &'static [usize] {
            &[]
        }
        fn constant_bytes(&self) -> usize {
            0
        }
        unsafe fn store_constants(&self, _: *mut u8) -> Result<(), &'static str> {
            Ok(())
        }
        unsafe fn run(&self, _: &Work, _: Form) {}
        unsafe fn combine_partials(&self, _: &Work, _: *mut u8, _: *const u8) {}
    }

    /// Calls `f` with a loop on memcheck: 200 edges along a line of nodes, each adding to both ends.
    fn with_loop<R>(
        races: RaceStrategy,
        f: impl FnOnce(&LoopRef<'_>, &Home, &Accelerator) -> Result<R>,
    ) -> Result<R> {
        let mut settings = Settings { backend: Backend::Memcheck, ..Settings::default() };
        settings.device.races.usual = races;
        let home = Home::new(Box::new(Engine::new(settings, None)?));
        let nodes = Set::<Nodes>::declare(&home, None, 201)?;
        let edges = Set::<Edges>::declare(&home, None, 200)?;
        let weights: Dat<Edges, f64> = Dat::declare("weights", &edges, None, Layout::Aos)?;
        let ends: Vec<[u32; 2]> = (0..200).map(|i| [i, i + 1]).collect();
        let ends: Map<Edges, Nodes, 2> = Map::declare("ends", &edges, &nodes, &ends)?;
        let sums: Dat<Nodes, f64> = Dat::declare("sums", &nodes, None, Layout::Aos)?;
        let args = [
            ArgRef {
                data: DataRef::Dat(weights.core()),
                access: Access::Read,
                via: Via::Direct,
                text: "weights(Read)",
            },
            ArgRef {
                data: DataRef::Dat(sums.core()),
                access: Access::Inc,
                via: Via::Map(Route::new(ends.core(), Part::All)),
                text: "sums(Inc, ends)",
            },
        ];
        let space = SpaceRef { set: edges.core(), subset: None };
        let site = Site { file: "test.rs", line: 1 };
        let the_loop = LoopRef { body: &Nothing, space, args: &args, site };
        let accelerator = home.engine::<Engine>().device().cloned().expect("memcheck");
        f(&the_loop, &home, &accelerator)
    }

    /// Changes the order that a loop has, and puts it in its place.
    fn plant(
        call: &Call<'_>,
        accelerator: &Accelerator,
        change: impl FnOnce(&mut Order),
    ) -> Result<()> {
        let (right, _) = accelerator.order(call)?;
        let mut order = right.order.clone();
        change(&mut order);
        accelerator.plant(call, order)
    }

    fn call<'a>(the_loop: &'a LoopRef<'a>, targets: &'a [Target]) -> Call<'a> {
        let (places, constants) = (&[None, None], &[]);
        let (list, kept, piece) = (None, None, Piece::All);
        Call { the_loop, positions: 200, list, kept, piece, places, targets, constants }
    }

    /// What is said of a loop whose order was changed so.
    fn run_planted(races: RaceStrategy, change: impl FnOnce(&mut Order)) -> Result<()> {
        with_loop(races, |the_loop, home, accelerator| {
            let targets = targets(the_loop);
            {
                let _turn = home.turn()?;
                plant(&call(the_loop, &targets), accelerator, change)?;
            }
            // SAFETY: the body does nothing.
            unsafe { crate::exec::run::run(the_loop) }
        })
    }

    fn said(races: RaceStrategy, change: impl FnOnce(&mut Order)) -> String {
        let text = run_planted(races, change).unwrap_err().to_string();
        let place = "loop `nothing` (test.rs:1), ";
        text.strip_prefix(place).unwrap_or_else(|| panic!("{text}")).to_owned()
    }

    /// Elements 0, 2, 4.. and 1, 3, 5..
    fn two_colors(order: &Order) {
        assert_eq!((order.races, &*order.launches), (Races::Coloring, &[0..100, 100..200][..]));
        assert!(order.elements[..100].iter().all(|element| element % 2 == 0));
    }

    #[test]
    fn right_orders_pass() {
        for races in RaceStrategy::ALL {
            run_planted(races, |_| {}).unwrap();
        }
    }

    #[test]
    fn elements_of_one_color_that_change_one_row_are_caught() {
        let text = said(RaceStrategy::Coloring, |order| {
            two_colors(order);
            order.elements.swap(1, 100);
        });
        let argument = "argument 2 `sums(Inc, ends)`: unsafe order: ";
        let clash = "launch 0: elements 0 and 1 change row 1 at the same time";
        assert_eq!(text, format!("{argument}{clash}"));
    }

    #[test]
    fn blocks_of_one_launch_that_change_one_row_are_caught() {
        let text = said(RaceStrategy::Staging, |order| {
            let last = order.launches.iter().map(|range| range.end).max().unwrap();
            assert!(order.launches.len() > 1);
            order.launches = std::iter::once(0..last).collect();
            order.staging.as_mut().unwrap().blocks.sort_unstable();
        });
        let argument = "argument 2 `sums(Inc, ends)`: unsafe order: launch 0: ";
        assert_eq!(text, format!("{argument}blocks 0 and 1 change row 64 at the same time"));
    }

    #[test]
    fn elements_of_one_turn_that_change_one_row_are_caught() {
        let text = said(RaceStrategy::Staging, |order| {
            let colors = &mut order.staging.as_mut().unwrap().colors;
            colors[70] = colors[71];
        });
        assert!(text.starts_with("argument 2 `sums(Inc, ends)`: unsafe order: block 1"), "{text}");
        assert!(text.contains("positions 69 and 70 change row 70 at the same time"), "{text}");
    }

    #[test]
    fn orders_that_forget_elements_are_caught() {
        let forgotten = said(RaceStrategy::Coloring, |order| order.launches[1].end -= 1);
        assert_eq!(forgotten, "unsafe order: place 199 does not run");
        let replaced = said(RaceStrategy::Coloring, |order| order.elements[3] = 4);
        assert_eq!(replaced, "unsafe order: element 4 is listed where 5 should be");
        let block = said(RaceStrategy::Staging, |order| order.launches.truncate(1));
        assert_eq!(block, "unsafe order: block 1 does not run");
        let position = said(RaceStrategy::Atomics, |order| {
            assert_eq!(order.races, Races::Atomics);
            order.launches = std::iter::once(0..150).collect();
        });
        assert_eq!(position, "unsafe order: position 150 does not run");
    }

    #[test]
    fn increments_without_protection_are_caught() {
        let text = said(RaceStrategy::Atomics, |order| order.races = Races::None);
        let argument = "argument 2 `sums(Inc, ends)`: unsafe order: ";
        let clash = "launch 0: elements 0 and 1 change row 1 at the same time";
        assert_eq!(text, format!("{argument}{clash}"));
    }

    /// The audit aside: memcheck notes who changes each row of a launch, while elements run.
    #[test]
    fn rows_that_two_change_at_once_are_noted_while_elements_run() {
        let planted = |races, change: fn(&mut Order)| {
            with_loop(races, |the_loop, home, accelerator| {
                let targets = targets(the_loop);
                let call = call(the_loop, &targets);
                let _turn = home.turn()?;
                plant(&call, accelerator, change)?;
                let (order, _) = accelerator.order(&call)?;
                let ready = accelerator.ready(&call, order)?;
                let mut seen = 0;
                let checked = in_turn(&call, &ready, |_| {
                    seen += 1;
                    Ok(())
                });
                Ok((checked.map_err(|error| error.to_string()), seen))
            })
        };
        assert_eq!(planted(RaceStrategy::Coloring, |_| {}).unwrap(), (Ok(()), 200));
        assert_eq!(planted(RaceStrategy::Staging, |_| {}).unwrap(), (Ok(()), 200));
        let says = |element: usize, row: usize| {
            Err(format!(
                "loop `nothing` (test.rs:1), argument 2 `sums(Inc, ends)`: element {element} changes \
                 row {row} of dat `sums`, as another element does at the same time"
            ))
        };
        let colors = planted(RaceStrategy::Coloring, |order| order.elements.swap(1, 100)).unwrap();
        assert_eq!(colors, (says(1, 1), 1));
        let blocks = planted(RaceStrategy::Staging, |order| {
            order.launches = std::iter::once(0..4).collect();
            order.staging.as_mut().unwrap().blocks.sort_unstable();
        });
        assert_eq!(blocks.unwrap(), (says(64, 64), 64));
    }
}

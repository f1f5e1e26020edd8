//! The life of one loop on several ranks.

use crate::base::error::Result;
use crate::base::profile::{Call, EntryId};
use crate::base::wire::agree;
use crate::device::halo::Part;
use crate::exec::bind::places;
use crate::exec::bytes::useful;
use crate::exec::cache::{Listed, Space};
use crate::exec::checked::{entries_in_range, overwritten_twice};
use crate::exec::engine::Engine;
use crate::exec::partials::{start_reductions, withdraw};
use crate::exec::ranks::reduce::Reductions;
use crate::exec::ranks::shape::{Elements, Need, Shape};
use crate::exec::ranks::stale::{spoil_changed, spoil_stale};
use crate::exec::ranks::values::{Stale, bring};
use crate::exec::ranks::{Ranks, same_loop};
use crate::exec::reproducible::{Shared, Sums, keeps_sequence};
use crate::exec::run::{Constants, With, run_in_sequence, run_piece};
use crate::par_loop::arg::ArgRef;
use crate::par_loop::descriptor::LoopRef;
use crate::par_loop::piece::Piece;

/// Runs a validated loop on this rank's elements. Collective.
///
/// # Safety
/// As [`run`](crate::exec::run::run).
pub(crate) unsafe fn run(
    the_loop: &LoopRef<'_>,
    engine: &Engine,
    ranks: &Ranks,
    constants: &Constants,
    entry: EntryId,
) -> Result<Call> {
    let finds_mistakes = engine.finds_mistakes();
    if finds_mistakes {
        // SAFETY: a loop runs in the home's turn.
        let globals = unsafe { values_of_globals(the_loop)? };
        same_loop::check(&*ranks.comm, the_loop, constants.bytes(the_loop), &globals)?;
    }
    let shape = Shape::of(ranks, the_loop)?;
    if finds_mistakes {
        agree(&*ranks.comm, conflicts(the_loop, engine, &shape))?;
    }
    // SAFETY: a loop runs in the home's turn.
    unsafe { spoil_stale(ranks, engine, the_loop) };
    let started = start_reductions(the_loop);
    // SAFETY: a loop runs in the home's turn.
    let reductions = unsafe { Reductions::start(the_loop)? };
    let sums = engine.settings.reproducible.then(|| Sums::of(the_loop));
    let with = With { constants, entry, sums: sums.as_ref(), between: None };
    // SAFETY: the caller's promise.
    let mut done = unsafe { pieces(the_loop, engine, ranks, &shape, &reductions, with) };
    if finds_mistakes {
        // What one rank has found, all return: the program goes on alike everywhere.
        done = agree(&*ranks.comm, done);
    }
    for arg in the_loop.args.iter().filter(|arg| arg.access.writes() || done.is_err()) {
        if let Some(dat) = arg.dat() {
            // Copies that arrived for this loop are those from before it. After an error nobody knows what has
            // arrived where: who goes on, as all do in the checked mode, exchanges anew.
            dat.halo.changed();
        }
    }
    // SAFETY: as above.
    unsafe { spoil_changed(engine, the_loop) };
    let call = done.inspect_err(|_| {
        // SAFETY: as above.
        unsafe { reductions.withdraw() };
        withdraw(&started);
    })?;
    // SAFETY: as above.
    if unsafe { reductions.finish(&*ranks.comm, sums.as_ref())? } {
        ranks.traffic.reduced();
    }
    Ok(call)
}

/// Runs all elements, while halo values travel as far as possible.
///
/// # Safety
/// As [`run`].
unsafe fn pieces(
    the_loop: &LoopRef<'_>,
    engine: &Engine,
    ranks: &Ranks,
    shape: &Shape,
    reductions: &Reductions,
    with: With<'_>,
) -> Result<Call> {
    let run_piece = |space: Space<'_>, with: With<'_>| {
        // SAFETY: the caller's promise; pieces list elements of the loop that are stored here.
        unsafe { run_piece(the_loop, engine, space, with) }
    };
    let stale: Vec<Stale<'_>> =
        shape.needs.iter().filter_map(|need| if_stale(ranks, the_loop, need)).collect();
    if with.sums.is_some() && keeps_sequence(the_loop) {
        // SAFETY: a loop runs in the home's turn; it was validated, so that no guard writes.
        unsafe { bring(ranks, engine, &stale, |_| ())? };
        let shared = || Some(Shared { comm: &*ranks.comm, elements: shape.all() });
        // SAFETY: the caller's promise; all that is listed is stored here.
        return unsafe { run_in_sequence(the_loop, engine, shared, with) };
    }
    let core = match &shape.core {
        Elements::First(count) => {
            Space { positions: *count, list: None, kept: None, piece: Piece::Core }
        }
        Elements::Listed(list) => Space::listed(list, Piece::Core),
    };
    // SAFETY: as above; core elements name rows of this rank only.
    let mut call = unsafe {
        bring(ranks, engine, &stale, |between| run_piece(core, With { between, ..with }))??
    };
    call.add(&run_piece(Space::listed(&shape.rest, Piece::Rest), with)?);
    let copies = || run_piece(Space::listed(&shape.exec, Piece::Exec), With { sums: None, ..with });
    // SAFETY: a loop runs in the home's turn.
    let copies = unsafe { reductions.aside(copies) };
    call.add(&copies?);
    // Rows that several pieces name count once.
    call.bytes = useful(the_loop, call.elements as usize);
    Ok(call)
}

/// The bytes of the values of all globals, argument after argument.
///
/// # Errors
/// Those of the ranks.
///
/// # Safety
/// Hold the home's turn.
unsafe fn values_of_globals(the_loop: &LoopRef<'_>) -> Result<Vec<Vec<u8>>> {
    let globals = the_loop.args.iter().filter_map(ArgRef::global);
    globals
        .map(|global| {
            let mut value = vec![0; global.bytes];
            // SAFETY: the caller's promise.
            unsafe {
                global.settle()?;
                global.copy_value(&mut value);
            }
            Ok(value)
        })
        .collect()
}

/// Elements of different pieces may clash, too.
fn conflicts(the_loop: &LoopRef<'_>, engine: &Engine, shape: &Shape) -> Result<()> {
    let mut all = shape.all();
    if let Some(order) = the_loop.space.set.order() {
        all.sort_unstable_by_key(|&element| order.to_user()[element as usize]);
    }
    let all = Listed::from(all);
    let space = Space::listed(&all, Piece::All);
    let mut broken = entries_in_range(the_loop, space);
    if broken.is_empty() {
        broken = overwritten_twice(the_loop, space, &places(the_loop, engine)?);
    }
    if broken.is_empty() { Ok(()) } else { Err(the_loop.refuse(broken)) }
}

/// What is to be brought for a need, unless it is here.
fn if_stale<'a>(ranks: &Ranks, the_loop: &LoopRef<'a>, need: &'a Need) -> Option<Stale<'a>> {
    let dat = the_loop.args[need.arg].dat().expect("a need is that of a dat");
    let known = ranks.known();
    let is_fresh = dat.halo.is_fresh(|arrived| known.needs.serves(arrived, need.number));
    let part = Part { dat, lists: &need.lists };
    (!is_fresh).then_some(Stale { part, need: need.number })
}

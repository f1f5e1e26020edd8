//! Where mistakes are looked for: copies of other ranks' rows are spoiled when they are not valid, so that
//! a loop that reads one is found, whatever is believed of its needs.

use crate::base::error::{Result, Violation};
use crate::device::api::Runner;
use crate::exec::engine::Engine;
use crate::exec::ranks::Ranks;
use crate::mesh::access::Access;
use crate::mesh::dat_core::DatCore;
use crate::mesh::mirror::Fresh;
use crate::mesh::stale::STALE;
use crate::par_loop::arg::ArgRef;
use crate::par_loop::descriptor::LoopRef;

/// Spoils the copies that no exchange has brought since values have changed. Before a loop exchanges.
///
/// # Safety
/// Hold the home's turn.
pub(super) unsafe fn spoil_stale(ranks: &Ranks, engine: &Engine, the_loop: &LoopRef<'_>) {
    if !looks_for_mistakes(engine) {
        return;
    }
    for dat in the_loop.args.iter().filter_map(ArgRef::dat) {
        let Some(fresh) = dat.halo.fresh() else { continue };
        let known = ranks.known();
        let lists = fresh.iter().filter_map(|&need| known.needs.lists(need));
        let mut valid: Vec<u32> =
            lists.flat_map(|lists| &lists.import).flat_map(|(_, rows)| rows).copied().collect();
        valid.sort_unstable();
        let stale = halo(dat).filter(|row| valid.binary_search(row).is_err()).collect::<Vec<_>>();
        // SAFETY: the caller's promise.
        unsafe { spoil(engine, dat, &stale) };
    }
}

/// Spoils the copies of all that a loop has changed. After it.
///
/// # Safety
/// Hold the home's turn.
pub(super) unsafe fn spoil_changed(engine: &Engine, the_loop: &LoopRef<'_>) {
    if !looks_for_mistakes(engine) {
        return;
    }
    for dat in the_loop.args.iter().filter(|arg| arg.access.writes()).filter_map(ArgRef::dat) {
        // SAFETY: the caller's promise.
        unsafe { spoil(engine, dat, &halo(dat).collect::<Vec<_>>()) };
    }
}

/// That an element reads no spoiled copies on the host.
///
/// # Errors
/// It does.
///
/// # Safety
/// Hold the home's turn, with all values on the host; `rows` are those that the element names.
pub(crate) unsafe fn reads_valid_copies(
    the_loop: &LoopRef<'_>,
    element: usize,
    rows: impl Fn(&ArgRef<'_>) -> Vec<usize>,
) -> Result<()> {
    for (i, arg) in the_loop.args.iter().enumerate() {
        let Some(dat) = arg.dat() else { continue };
        if !matches!(arg.access, Access::Read | Access::Rw) {
            continue;
        }
        let own = dat.set.owned();
        // SAFETY: the caller's promise.
        let spoiled = |&row: &usize| row >= own && unsafe { dat.is_spoiled(row) };
        if let Some(row) = rows(arg).into_iter().find(spoiled) {
            let user = the_loop.space.set.user_number(element);
            let row = dat.set.user_number(row);
            let reason = format!("element {user} needs row {row} of dat `{}`, {STALE}", dat.name);
            return Err(
                the_loop.refuse(vec![Violation { argument: Some((i + 1, arg.text)), reason }])
            );
        }
    }
    Ok(())
}

/// Whether the host's or the device's copies are looked at.
fn looks_for_mistakes(engine: &Engine) -> bool {
    match &engine.device {
        None => engine.settings.checked,
        Some(accelerator) => matches!(accelerator.device().runner(), Runner::Memcheck),
    }
}

/// The copies of a dat.
fn halo(dat: &DatCore) -> impl Iterator<Item = u32> {
    dat.set.owned() as u32..dat.set.rows() as u32
}

/// # Safety
/// Hold the home's turn.
unsafe fn spoil(engine: &Engine, dat: &DatCore, rows: &[u32]) {
    if dat.mirror().fresh() != Fresh::Device {
        // SAFETY: the turn is held; on several ranks guards show copies.
        unsafe { dat.spoil(rows) };
    }
    if let Some(accelerator) = &engine.device {
        // SAFETY: the turn is held.
        unsafe { accelerator.spoil(dat, rows) };
    }
}

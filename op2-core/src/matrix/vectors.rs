//! Dats as the vectors of products: rows in local numbering, in the home's turn.

use std::borrow::Cow;

use crate::base::element::Element;
use crate::base::error::{Error, Result};
use crate::mesh::dat::Dat;
use crate::mesh::dat_core::DatCore;
use crate::mesh::home::Turn;
use crate::mesh::set::SetCore;

/// The rows of a dat on `set`: the storage itself, or a copy of it where the leaves lie apart.
pub(super) fn rows<'t, S, T: Element>(
    dat: &'t Dat<S, T>,
    set: &SetCore,
    _turn: &'t Turn<'_>,
) -> Result<Cow<'t, [T]>> {
    let core = dat.core();
    check(core, set, false)?;
    // SAFETY: `check` found T's dat of the turn's home (the set's), without a writer.
    let start = unsafe { core.on_host(false)? };
    if core.is_scattered() {
        // SAFETY: as above.
        let row = |i| unsafe { load(core, start, i) };
        return Ok((0..core.set.rows()).map(row).collect());
    }
    // SAFETY: the storage holds `size` rows of T; no guard writes (`check`), and no loop runs while
    // the turn is held, which the result's lifetime sees to.
    let rows = unsafe { std::slice::from_raw_parts(start.cast(), core.set.rows()) };
    Ok(Cow::Borrowed(rows))
}

/// Lets `change` work on the rows of a dat on `set`, as [`rows`] shows them.
///
/// The caller does not hold what [`rows`] gave of the same dat: see [`check_apart`].
pub(super) fn change_rows<S, T: Element, R>(
    dat: &Dat<S, T>,
    set: &SetCore,
    _turn: &Turn<'_>,
    change: impl FnOnce(&mut [T]) -> R,
) -> Result<R> {
    let core = dat.core();
    check(core, set, true)?;
    // SAFETY: `check` found T's dat of the turn's home, without any guard.
    let start = unsafe { core.on_host(true)? };
    if core.is_scattered() {
        // SAFETY: as above.
        let mut rows: Vec<T> =
            (0..core.set.rows()).map(|i| unsafe { load(core, start, i) }).collect();
        let result = change(&mut rows);
        // SAFETY: as above.
        rows.iter().enumerate().for_each(|(i, row)| unsafe { store(core, start, i, row) });
        return Ok(result);
    }
    // SAFETY: the storage holds `size` rows of T; there is no guard (`check`), no loop runs while the
    // turn is held, and nobody in this room has the same dat (`check_apart`).
    let rows = unsafe { std::slice::from_raw_parts_mut(start.cast(), core.set.rows()) };
    Ok(change(rows))
}

/// That a vector is not read and written at once.
pub(super) fn check_apart(read: &DatCore, written: &DatCore) -> Result<()> {
    if read.id != written.id {
        return Ok(());
    }
    let reason = "it cannot be the vector that is read and the one that is written at once";
    Err(Error::declaration("dat", &read.name, reason))
}

/// That a dat lives on `set` and is free to be read, or written.
pub(super) fn check(core: &DatCore, set: &SetCore, for_writing: bool) -> Result<()> {
    if core.set.id != set.id {
        let reason =
            format!("it lives on {:?}, but the matrix needs a vector on {set:?}", core.set);
        return Err(Error::declaration("dat", &core.name, reason));
    }
    match core.blocked(for_writing) {
        None => Ok(()),
        Some(reason) => {
            let reason = reason.replace("the loop", "the product");
            Err(Error::InUse { what: "dat", name: core.name.clone(), reason })
        }
    }
}

/// Gathers the leaves of one row from a dat that is stored leaf by leaf.
///
/// # Safety
/// The dat holds T and has its values at `start`, `row` is inside its set, and nobody writes meanwhile.
unsafe fn load<T: Element>(core: &DatCore, start: *const u8, row: usize) -> T {
    let mut value = T::zeroed();
    let (to, from) = ((&raw mut value).cast::<T::Leaf>(), start.cast::<T::Leaf>());
    for leaf in 0..T::DIM {
        // SAFETY: T is DIM leaves, the storage DIM times `size` of them.
        unsafe { to.add(leaf).write(from.add(leaf * core.set.rows() + row).read()) };
    }
    value
}

/// The reverse of [`load`].
///
/// # Safety
/// The dat holds T and has its values at `start`, `row` is inside its set, and nobody else touches it
/// meanwhile.
unsafe fn store<T: Element>(core: &DatCore, start: *mut u8, row: usize, value: &T) {
    let (from, to) = ((&raw const *value).cast::<T::Leaf>(), start.cast::<T::Leaf>());
    for leaf in 0..T::DIM {
        // SAFETY: T is DIM leaves, the storage DIM times `size` of them.
        unsafe { to.add(leaf * core.set.rows() + row).write(from.add(leaf).read()) };
    }
}

//! The rows of a dat in the user's order: what guards and files show. On several ranks they come from all of
//! them.

use std::collections::HashMap;

use crate::base::element::{Element, bytes_of, rows_from_bytes};
use crate::base::error::{Error, Result};
use crate::mesh::dat_core::DatCore;
use crate::mesh::dat_values::{load, store};
use crate::mesh::given::{collect_rows, gather_rows};

/// All rows in the user's order. Collective.
pub(super) fn load_rows<T: Element>(core: &DatCore) -> Result<Vec<T>> {
    if let Some(comm) = core.set.home.comm() {
        let owned = owned_rows::<T>(core);
        let rows = gather_rows(&**comm, &core.set, size_of::<T>(), bytes_of(&owned))?;
        // SAFETY: rows of T, from all ranks.
        return Ok(unsafe { rows_from_bytes(&rows, core.set.size) });
    }
    let order = core.set.order();
    let local = |user: usize| order.as_ref().map_or(Some(user as u32), |o| o.local(user as u32));
    let rows = (0..core.set.size).filter_map(local);
    // SAFETY: every index is in the set; the caller holds a guard or the turn.
    Ok(rows.map(|local| unsafe { load(core, local as usize) }).collect())
}

/// All rows in the user's order, on one rank. Collective.
pub(super) fn rows_on<T: Element>(core: &DatCore, rank: usize) -> Result<Option<Vec<T>>> {
    let Some(comm) = core.set.home.comm() else {
        return if rank == 0 { load_rows(core).map(Some) } else { Ok(None) };
    };
    let owned = owned_rows::<T>(core);
    let rows = collect_rows(&**comm, rank, &core.set, size_of::<T>(), bytes_of(&owned))?;
    // SAFETY: rows of T, from all ranks.
    Ok(rows.map(|rows| unsafe { rows_from_bytes(&rows, core.set.size) }))
}

/// The rows that belong to this rank, in local order.
pub(super) fn owned_rows<T: Element>(core: &DatCore) -> Vec<T> {
    // SAFETY: every index is in the set; the caller holds a guard or the turn.
    (0..core.set.owned()).map(|local| unsafe { load(core, local) }).collect()
}

/// Stores rows given in the user's order, as far as they belong to this rank.
pub(super) fn store_rows<T: Element>(core: &DatCore, rows: &[T]) {
    let order = core.set.order();
    let user = |local: usize| order.as_ref().map_or(local, |o| o.to_user()[local] as usize);
    for local in 0..core.set.owned() {
        // SAFETY: every index is in the set; the caller has the dat for itself.
        unsafe { store(core, local, &rows[user(local)]) };
    }
}

/// Stores what ranks have changed in copies of all rows, given as they were and are now in the user's
/// order. Collective.
///
/// # Errors
/// Two ranks gave one row different values; those of the ranks.
pub(super) fn store_changes<T: Element>(core: &DatCore, before: &[T], now: &[T]) -> Result<()> {
    let Some(comm) = core.set.home.comm() else { return Ok(()) };
    let row_bytes = size_of::<T>();
    let mut message = Vec::new();
    for (user, (before, now)) in (0_u32..).zip(before.iter().zip(now)) {
        let now = bytes_of(std::slice::from_ref(now));
        if bytes_of(std::slice::from_ref(before)) != now {
            message.extend_from_slice(&user.to_le_bytes());
            message.extend_from_slice(now);
        }
    }
    let mut changed: HashMap<u32, (usize, Vec<u8>)> = HashMap::new();
    for (rank, theirs) in comm.all_gather(&message)?.iter().enumerate() {
        for change in theirs.chunks_exact(4 + row_bytes) {
            let user = u32::from_le_bytes([change[0], change[1], change[2], change[3]]);
            let value = &change[4..];
            let (first, known) = changed.entry(user).or_insert_with(|| (rank, value.to_vec()));
            if known != value {
                let reason = format!(
                    "element {user} was given different values by ranks {first} and {rank}, each through its guard from `write()`"
                );
                return Err(Error::declaration("dat", &core.name, reason));
            }
        }
    }
    for (user, (_, value)) in changed {
        let local = core.set.local_number(user).map(|local| local as usize);
        if let Some(local) = local.filter(|&local| local < core.set.owned()) {
            // SAFETY: a row of T, from a rank; the row is in the set; the guard has the dat for itself.
            unsafe { store(core, local, &rows_from_bytes::<T>(&value, 1)[0]) };
        }
    }
    Ok(())
}

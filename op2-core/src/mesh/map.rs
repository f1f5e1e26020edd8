//! Maps: for each element of one set, a fixed number of elements of another.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::base::buffer::{Buffer, OutOfMemory};
use crate::base::cell::BufferCell;
use crate::base::comm::Comm;
use crate::base::error::{Error, Result};
use crate::base::wire::agree;
use crate::mesh::given::{Form, gather_rows};
use crate::mesh::home::fresh_id;
use crate::mesh::mirror::Kept;
use crate::mesh::numbering::Numbering;
use crate::mesh::registry::enlist;
use crate::mesh::set::{Set, SetCore};

/// What is known of a map, whatever its markers.
pub struct MapCore {
    /// Distinguishes maps.
    pub id: u64,
    /// For messages and reports.
    pub name: String,
    /// The set whose elements have entries.
    pub from: Arc<SetCore>,
    /// The set that the entries name.
    pub to: Arc<SetCore>,
    /// Entries per element.
    pub arity: usize,
    table: BufferCell,
    /// Whether the table leads to local numbers. A map declared on several ranks holds the user's
    /// until numbers are settled.
    local: AtomicBool,
    /// What a device keeps of the table.
    pub kept: Kept,
}

impl MapCore {
    /// The table, `[from.mapped, arity]`, row by row, in local numbering.
    ///
    /// # Safety
    /// No `renumber` may run meanwhile: hold the home's turn, with the topology settled.
    pub unsafe fn table(&self) -> &[u32] {
        let len = self.table.len() / size_of::<u32>();
        // SAFETY: the buffer is filled with u32; the caller keeps renumbering away.
        unsafe { std::slice::from_raw_parts(self.table.as_mut_ptr().cast(), len) }
    }

    /// Where the table starts.
    pub fn table_ptr(&self) -> *const u32 {
        self.table.as_mut_ptr().cast()
    }

    /// The rows of the elements that belong to this rank, `[from.owned, arity]`, in the user's numbering.
    ///
    /// # Safety
    /// As [`table`](Self::table), settled or not.
    pub unsafe fn user_rows(&self) -> Vec<u32> {
        // SAFETY: the caller's promise.
        let table = unsafe { self.table() };
        let owned = &table[..self.from.owned() * self.arity];
        match self.to.order() {
            Some(order) if self.local.load(Ordering::Acquire) => {
                let to_user = order.to_user();
                owned.iter().map(|&row| to_user[row as usize]).collect()
            }
            _ => owned.to_vec(),
        }
    }

    /// Replaces the table by one for the elements that this rank has now, in local numbers.
    ///
    /// # Safety
    /// As [`replace`](Self::replace); the sets get the numbers that belong to the table before the
    /// turn ends.
    pub unsafe fn settle(&self, table: Buffer) {
        // SAFETY: nobody reads the table, by the caller's promise.
        unsafe { self.table.replace(table) };
        self.local.store(true, Ordering::Release);
    }

    /// Replaces the table by one of the same shape whose entries were checked.
    ///
    /// # Safety
    /// Nobody else may be reading the table: hold the home's turn. Every value must be less than
    /// `to.size`: generated loops do not check again.
    pub unsafe fn replace(&self, table: &[u32]) {
        assert_eq!(size_of_val(table), self.table.len(), "a map keeps its shape");
        // SAFETY: same length as the buffer, exclusive by the caller's promise.
        unsafe {
            std::ptr::copy_nonoverlapping(
                table.as_ptr(),
                self.table.as_mut_ptr().cast::<u32>(),
                table.len(),
            );
        }
    }
}

impl fmt::Debug for MapCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "map `{}`: `{}` -> `{}` x {}",
            self.name, self.from.name, self.to.name, self.arity
        )
    }
}

/// A map of `ARITY` entries per element from set `F` to set `T`. A clone is the same map.
pub struct Map<F, T, const ARITY: usize> {
    core: Arc<MapCore>,
    marker: PhantomData<fn() -> (F, T)>,
}

impl<F, T, const ARITY: usize> Clone for Map<F, T, ARITY> {
    fn clone(&self) -> Self {
        Self { core: self.core.clone(), marker: PhantomData }
    }
}

impl<F, T, const ARITY: usize> fmt::Debug for Map<F, T, ARITY> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core.fmt(f)
    }
}

impl<F, T, const ARITY: usize> Map<F, T, ARITY> {
    /// Declares a map from its table `[from.size, ARITY]` in the user's numbering; on several ranks in
    /// one of the forms of [`Form`]. Every entry is checked once, here. Collective.
    ///
    /// # Errors
    /// Wrong number of rows, an entry outside `to`, sets of different contexts, a taken name.
    #[doc(hidden)]
    pub fn declare(name: &str, from: &Set<F>, to: &Set<T>, table: &[[u32; ARITY]]) -> Result<Self> {
        let (from, to) = (from.core(), to.core());
        let fail = |reason| Err(Error::declaration("map", name, reason));
        if from.home.id() != to.home.id() {
            return fail(format!("{from:?} and {to:?} belong to different contexts"));
        }
        let out_of_memory =
            |e: OutOfMemory| Error::OutOfMemory { what: format!("map `{name}`"), bytes: e.bytes };
        let comm = from.home.comm();
        let (buffer, mut registry) = loop {
            let numbering = from.home.numbering();
            let buffer = if let Some(comm) = comm {
                Buffer::from_slice(&rows_of_rank(&**comm, name, from, to, table)?)
            } else {
                if table.len() != from.size {
                    return fail(format!("{} rows given for {from:?}", table.len()));
                }
                check_entries(name, table, to, |row| row)?;
                let local = to_local(table, from, to);
                Buffer::from_slice(local.as_deref().unwrap_or(table).as_flattened())
            }
            .map_err(out_of_memory)?;
            let registry = from.home.registry();
            // A renumbering that came between did not know of this map.
            if from.home.numbering() == numbering {
                break (buffer, registry);
            }
        };
        if registry.maps.iter().filter_map(std::sync::Weak::upgrade).any(|m| m.name == name) {
            return fail("another map of this context has that name".into());
        }
        let core = Arc::new(MapCore {
            id: fresh_id(),
            name: name.to_owned(),
            from: from.clone(),
            to: to.clone(),
            arity: ARITY,
            table: BufferCell::new(buffer),
            local: AtomicBool::new(comm.is_none()),
            kept: Kept::default(),
        });
        enlist(&mut registry.maps, &core);
        from.home.changed_topology();
        Ok(Self { core, marker: PhantomData })
    }

    /// The map's name.
    pub fn name(&self) -> &str {
        &self.core.name
    }

    /// A copy of the table in the user's numbering; the whole of it on every rank. Collective.
    ///
    /// # Errors
    /// Called from inside a loop.
    pub fn to_vec(&self) -> Result<Vec<[u32; ARITY]>> {
        let home = &self.core.from.home;
        let _turn = home.turn()?;
        if let Some(comm) = home.comm() {
            // SAFETY: the turn is held.
            let owned = unsafe { self.core.user_rows() };
            let bytes = size_of::<[u32; ARITY]>();
            let rows = gather_rows(&**comm, &self.core.from, bytes, bytemuck::cast_slice(&owned))?;
            let entries: Vec<u32> = bytemuck::pod_collect_to_vec(&rows);
            return Ok((0..self.core.from.size)
                .map(|row| std::array::from_fn(|k| entries[row * ARITY + k]))
                .collect());
        }
        // SAFETY: the turn is held.
        let table = unsafe { self.core.table() };
        let (from, to) = (self.core.from.order(), self.core.to.order());
        let row = |user: usize| {
            let known = |order: &Arc<Numbering>| order.local(user as u32).unwrap_or_default();
            let local = from.as_ref().map_or(user, |order| known(order) as usize);
            std::array::from_fn(|k| {
                let value = table[local * ARITY + k];
                to.as_ref().map_or(value, |order| order.to_user()[value as usize])
            })
        };
        Ok((0..self.core.from.size).map(row).collect())
    }

    /// The entries of the elements that belong to this rank, `[owned, ARITY]`, in the user's numbering and
    /// in the sequence of [`Set::owned`]. Not collective.
    ///
    /// # Errors
    /// Called from inside a loop.
    pub fn owned_rows(&self) -> Result<Vec<u32>> {
        let _turn = self.core.from.home.turn()?;
        // SAFETY: the turn is held.
        Ok(unsafe { self.core.user_rows() })
    }

    /// What is known of the map, whatever its markers.
    #[doc(hidden)]
    pub fn core(&self) -> &Arc<MapCore> {
        &self.core
    }
}

/// The rows of the elements that belong to this rank, in the user's numbering. Collective.
fn rows_of_rank<const A: usize>(
    comm: &dyn Comm,
    name: &str,
    from: &SetCore,
    to: &SetCore,
    table: &[[u32; A]],
) -> Result<Vec<u32>> {
    let form = Form::find(comm, ("map", name), from, table.len())?;
    agree(comm, check_entries(name, table, to, |row| form.user(comm, from.size, row)))?;
    let given = bytemuck::cast_slice(table.as_flattened());
    let rows = form.owned_rows(comm, from, size_of::<[u32; A]>(), given)?;
    Ok(bytemuck::pod_collect_to_vec(&rows))
}

fn check_entries<const A: usize>(
    name: &str,
    table: &[[u32; A]],
    to: &SetCore,
    user: impl Fn(usize) -> usize,
) -> Result<()> {
    let limit = to.size as u64;
    let bad = |row: &[u32; A]| row.iter().any(|&value| u64::from(value) >= limit);
    let Some(row) = table.iter().position(bad) else { return Ok(()) };
    let entry = table[row].iter().position(|&value| u64::from(value) >= limit).unwrap_or_default();
    let reason = format!(
        "row {}, entry {entry}: value {} is not in set `{}` of size {}",
        user(row),
        table[row][entry],
        to.name,
        to.size
    );
    Err(Error::declaration("map", name, reason))
}

/// The table in local numbering, if either set was renumbered.
fn to_local<const A: usize>(
    table: &[[u32; A]],
    from: &SetCore,
    to: &SetCore,
) -> Option<Vec<[u32; A]>> {
    let (from, to) = (from.order(), to.order());
    if from.is_none() && to.is_none() {
        return None;
    }
    let known = |order: &Arc<Numbering>, user: u32| order.local(user).unwrap_or_default();
    let value = |value: u32| to.as_ref().map_or(value, |order| known(order, value));
    let row = |local: usize| {
        let user = from.as_ref().map_or(local, |order| order.to_user()[local] as usize);
        table[user].map(value)
    };
    Some((0..table.len()).map(row).collect())
}

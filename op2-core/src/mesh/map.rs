//! Maps: for each element of one set, a fixed number of elements of another.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::base::buffer::{Buffer, OutOfMemory};
use crate::base::error::{Error, Result};
use crate::mesh::home::{enlist, fresh_id};
use crate::mesh::mirror::Kept;
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
    table: Buffer,
    /// What a device keeps of the table.
    pub kept: Kept,
}

impl MapCore {
    /// The table, `[from.size, arity]`, row by row, in local numbering.
    ///
    /// # Safety
    /// No `renumber` may run meanwhile: hold the home's turn.
    pub unsafe fn table(&self) -> &[u32] {
        let len = self.from.size * self.arity;
        // SAFETY: the buffer was filled with that many u32 when declared; the caller keeps
        // renumbering away.
        unsafe { std::slice::from_raw_parts(self.table.as_ptr().cast(), len) }
    }

    /// Where the table starts.
    pub fn table_ptr(&self) -> *const u32 {
        self.table.as_ptr().cast()
    }

    /// Replaces the table by one of the same shape whose entries were checked.
    ///
    /// # Safety
    /// Nobody else may be reading the table: hold the home's turn. Every value must be less than
    /// `to.size`: generated loops do not check again.
    pub unsafe fn replace(&self, table: &[u32]) {
        assert_eq!(table.len(), self.from.size * self.arity, "a map keeps its shape");
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
    /// Declares a map from its table `[from.size, ARITY]` in the user's numbering. Every entry is
    /// checked once, here.
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
        if table.len() != from.size {
            return fail(format!("{} rows given for {from:?}", table.len()));
        }
        check_entries(name, table, to)?;
        let out_of_memory =
            |e: OutOfMemory| Error::OutOfMemory { what: format!("map `{name}`"), bytes: e.bytes };
        let (buffer, mut registry) = loop {
            let numbering = from.home.numbering();
            let local = to_local(table, from, to);
            let buffer = Buffer::from_slice(local.as_deref().unwrap_or(table).as_flattened())
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
            table: buffer,
            kept: Kept::default(),
        });
        enlist(&mut registry.maps, &core);
        Ok(Self { core, marker: PhantomData })
    }

    /// The map's name.
    pub fn name(&self) -> &str {
        &self.core.name
    }

    /// A copy of the table in the user's numbering.
    ///
    /// # Errors
    /// Called from inside a loop.
    pub fn to_vec(&self) -> Result<Vec<[u32; ARITY]>> {
        let _turn = self.core.from.home.turn()?;
        // SAFETY: the turn is held.
        let table = unsafe { self.core.table() };
        let (from, to) = (self.core.from.order(), self.core.to.order());
        let row = |user: usize| {
            let local = from.as_ref().map_or(user, |order| order.to_new()[user] as usize);
            std::array::from_fn(|k| {
                let value = table[local * ARITY + k];
                to.as_ref().map_or(value, |order| order.to_old()[value as usize])
            })
        };
        Ok((0..self.core.from.size).map(row).collect())
    }

    /// What is known of the map, whatever its markers.
    #[doc(hidden)]
    pub fn core(&self) -> &Arc<MapCore> {
        &self.core
    }
}

fn check_entries<const A: usize>(name: &str, table: &[[u32; A]], to: &SetCore) -> Result<()> {
    let limit = to.size as u64;
    let bad = |row: &[u32; A]| row.iter().any(|&value| u64::from(value) >= limit);
    let Some(row) = table.iter().position(bad) else { return Ok(()) };
    let entry = table[row].iter().position(|&value| u64::from(value) >= limit).unwrap_or_default();
    let reason = format!(
        "row {row}, entry {entry}: value {} is not in set `{}` of size {}",
        table[row][entry], to.name, to.size
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
    let value = |value: u32| to.as_ref().map_or(value, |order| order.to_new()[value as usize]);
    let row = |local: usize| {
        let user = from.as_ref().map_or(local, |order| order.to_old()[local] as usize);
        table[user].map(value)
    };
    Some((0..table.len()).map(row).collect())
}

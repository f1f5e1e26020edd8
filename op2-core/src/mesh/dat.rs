//! Dats: one value per element of a set, reached through guards.
//!
//! A dat is stored in local numbering and in one of two layouts; guards and kernels see rows in the
//! user's numbering, whatever the storage.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::base::element::{Element, bytes_of, rows_from_bytes};
use crate::base::error::{Error, Result};
use crate::base::layout::Layout;
use crate::mesh::dat_core::DatCore;
use crate::mesh::dat_guards::{ReadGuard, Rows, WriteGuard};
use crate::mesh::dat_rows::{owned_rows, rows_on};
use crate::mesh::dat_values::{First, fill};
use crate::mesh::given::Form;
use crate::mesh::global::Reduction;
use crate::mesh::registry::enlist;
use crate::mesh::set::{Set, free_name};

/// One `T` per element of set `S`. A clone is the same dat.
pub struct Dat<S, T> {
    core: Arc<DatCore>,
    marker: PhantomData<fn() -> (S, T)>,
}

impl<S, T> Clone for Dat<S, T> {
    fn clone(&self) -> Self {
        Self { core: self.core.clone(), marker: PhantomData }
    }
}

impl<S, T> fmt::Debug for Dat<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core.fmt(f)
    }
}

impl<S, T: Element> Dat<S, T> {
    /// Declares a dat with its values `[set.size]` in the user's numbering, on several ranks in one of
    /// the forms of [`Form`]; or zeros. Collective.
    ///
    /// # Errors
    /// Wrong number of values, a taken name, not enough memory.
    #[doc(hidden)]
    pub fn declare(name: &str, set: &Set<S>, values: Option<&[T]>, layout: Layout) -> Result<Self> {
        let set = set.core();
        let comm = set.home.comm();
        if let Some(values) = values
            && values.len() != set.size
            && comm.is_none()
        {
            let reason = format!("{} values given for {set:?}", values.len());
            return Err(Error::declaration("dat", name, reason));
        }
        let (core, mut registry) = loop {
            let numbering = set.home.numbering();
            let core = match (values, comm) {
                (Some(values), Some(comm)) => {
                    let form = Form::find(&**comm, ("dat", name), set, values.len())?;
                    let rows = form.owned_rows(&**comm, set, size_of::<T>(), bytes_of(values))?;
                    // SAFETY: rows of T, from ranks that declare the same dat.
                    let rows = unsafe { rows_from_bytes::<T>(&rows, set.owned()) };
                    fill(name, set, First::Owned(&rows), layout)?
                }
                (Some(values), None) => fill(name, set, First::Whole(values), layout)?,
                (None, _) => fill::<T>(name, set, First::Zeros, layout)?,
            };
            let registry = set.home.registry();
            // A renumbering that came between did not know of this dat.
            if set.home.numbering() == numbering {
                break (core, registry);
            }
        };
        if registry.dats.iter().filter_map(std::sync::Weak::upgrade).any(|d| d.name == name) {
            let reason = "another dat of this context has that name";
            return Err(Error::declaration("dat", name, reason));
        }
        enlist(&mut registry.dats, &core);
        Ok(Self { core, marker: PhantomData })
    }

    /// A dat of zeros beside this one: same set, same layout. It is called `name`, or `name#2`, ..
    /// where that is taken, and is gone with its last handle: for scratch data of algorithms.
    ///
    /// # Errors
    /// Not enough memory.
    pub fn like(&self, name: &str) -> Result<Self> {
        Self::scratch(name, &self.set(), self.core.layout)
    }

    /// A dat of zeros under the first free name.
    pub(crate) fn scratch(name: &str, set: &Set<S>, layout: Layout) -> Result<Self> {
        let home = &set.core().home;
        loop {
            let free = free_name(name, |name| {
                let registry = home.registry();
                registry.dats.iter().filter_map(std::sync::Weak::upgrade).any(|d| d.name == name)
            });
            match Self::declare(&free, set, None, layout) {
                // Another thread took the name meanwhile.
                Err(Error::Declaration { .. }) => {}
                done => return done,
            }
        }
    }

    /// The values, `[set.size]` in the user's numbering, until the guard is dropped.
    ///
    /// The guard looks straight at the storage, or holds a copy where the dat was renumbered or
    /// lies in another layout. On several ranks it is a copy of all values on each, and the call
    /// is collective; [`owned_values`](Self::owned_values) gives those of this rank alone.
    ///
    /// # Errors
    /// A guard from `write()` is alive, the call comes from inside a loop, or the values cannot be
    /// brought from a device.
    pub fn read(&self) -> Result<ReadGuard<'_, T>> {
        let _turn = self.core.set.home.turn()?;
        // SAFETY: the turn is held; where a guard writes, the host has the values.
        unsafe { self.core.on_host(false)? };
        self.take(|guards| if guards < 0 { None } else { Some(guards + 1) }, "write")?;
        let rows = Rows::open(&self.core);
        Ok(ReadGuard { rows: rows.inspect_err(|_| self.give_back(1))? })
    }

    /// The values for reading and writing, `[set.size]` in the user's numbering, until the guard is
    /// dropped.
    ///
    /// On several ranks each gets a copy of all values, and both the call and the drop of the guard are
    /// collective: what any rank has changed is then stored with its owner. Two ranks that give one
    /// element different values are an error of the next call that touches data.
    ///
    /// # Errors
    /// Another guard is alive, the call comes from inside a loop, or the values cannot be brought
    /// from a device.
    pub fn write(&self) -> Result<WriteGuard<'_, T>> {
        let _turn = self.core.set.home.turn()?;
        self.take(|guards| if guards == 0 { Some(-1) } else { None }, "read()` or `write")?;
        // SAFETY: the turn is held, and there is no other guard.
        let here = unsafe { self.core.on_host(true) };
        let rows = here.and_then(|_| Rows::open(&self.core));
        Ok(WriteGuard::new(rows.inspect_err(|_| self.give_back(-1))?))
    }

    fn give_back(&self, guard: isize) {
        self.core.guards.fetch_sub(guard, Ordering::AcqRel);
    }

    /// A copy of the values of the elements that belong to this rank, in the sequence of
    /// [`Set::owned`]. Not collective. After a partition these are not the rank's block of the user's
    /// numbers, in which a dat is declared, though there may be as many of them.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn owned_values(&self) -> Result<Vec<T>> {
        let _turn = self.core.set.home.turn()?;
        if self.core.guards.load(Ordering::Acquire) < 0 {
            return Err(self.in_use("write"));
        }
        // SAFETY: the turn is held, and no guard writes.
        unsafe { self.core.on_host(false)? };
        Ok(owned_rows(&self.core))
    }

    /// A copy of all values in the user's numbering on one rank; `None` on the others. Collective.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn gather(&self, rank: usize) -> Result<Option<Vec<T>>> {
        let _turn = self.core.set.home.turn()?;
        if self.core.guards.load(Ordering::Acquire) < 0 {
            return Err(self.in_use("write"));
        }
        // SAFETY: the turn is held, and no guard writes.
        unsafe { self.core.on_host(false)? };
        rows_on(&self.core, rank)
    }

    /// A copy of the values in the user's numbering.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn to_vec(&self) -> Result<Vec<T>> {
        Ok(self.read()?.to_vec())
    }

    fn take(&self, next: impl Fn(isize) -> Option<isize>, other: &str) -> Result<()> {
        let taken = self.core.guards.fetch_update(Ordering::AcqRel, Ordering::Acquire, next);
        taken.map(drop).map_err(|_| self.in_use(other))
    }

    fn in_use(&self, other: &str) -> Error {
        Error::InUse {
            what: "dat",
            name: self.core.name.clone(),
            reason: format!("a guard from `{other}()` is alive"),
        }
    }
}

impl<S, T> Dat<S, T> {
    /// The dat's name.
    pub fn name(&self) -> &str {
        &self.core.name
    }

    /// How many values the dat has: the size of its set.
    pub fn size(&self) -> usize {
        self.core.set.size
    }

    /// The set that the dat lives on.
    pub fn set(&self) -> Set<S> {
        Set::of_core(self.core.set.clone())
    }

    /// A reduction handle in the dat's context.
    pub fn reduction<R: Element>(&self, name: &str) -> Reduction<R> {
        Reduction::declare(&self.core.set.home, name)
    }

    /// How the values lie in memory.
    pub fn layout(&self) -> Layout {
        self.core.layout
    }

    /// What is known of the dat, whatever its types.
    #[doc(hidden)]
    pub fn core(&self) -> &Arc<DatCore> {
        &self.core
    }
}

//! Dats: one value per element of a set, reached through guards.
//!
//! A dat is stored in local numbering and in one of two layouts; guards and kernels see rows in the
//! user's numbering, whatever the storage.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::base::element::Element;
use crate::base::error::{Error, Result};
use crate::base::layout::Layout;
use crate::mesh::dat_core::{DatCore, fill};
use crate::mesh::dat_guards::{ReadGuard, Rows, WriteGuard};
use crate::mesh::global::Reduction;
use crate::mesh::home::enlist;
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
    /// Declares a dat with its values `[set.size]` in the user's numbering, or zeros.
    ///
    /// # Errors
    /// Wrong number of values, a taken name, not enough memory.
    #[doc(hidden)]
    pub fn declare(name: &str, set: &Set<S>, values: Option<&[T]>, layout: Layout) -> Result<Self> {
        let set = set.core();
        if let Some(values) = values
            && values.len() != set.size
        {
            let reason = format!("{} values given for {set:?}", values.len());
            return Err(Error::declaration("dat", name, reason));
        }
        let (core, mut registry) = loop {
            let numbering = set.home.numbering();
            let core = fill(name, set, values, layout)?;
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
    /// lies in another layout.
    ///
    /// # Errors
    /// A guard from `write()` is alive, the call comes from inside a loop, or the values cannot be
    /// brought from a device.
    pub fn read(&self) -> Result<ReadGuard<'_, T>> {
        let _turn = self.core.set.home.turn()?;
        // SAFETY: the turn is held; where a guard writes, the host has the values.
        unsafe { self.core.on_host(false)? };
        self.take(|guards| if guards < 0 { None } else { Some(guards + 1) }, "write")?;
        Ok(ReadGuard { rows: Rows::open(&self.core) })
    }

    /// The values for reading and writing, `[set.size]` in the user's numbering, until the guard is
    /// dropped.
    ///
    /// # Errors
    /// Another guard is alive, the call comes from inside a loop, or the values cannot be brought
    /// from a device.
    pub fn write(&self) -> Result<WriteGuard<'_, T>> {
        let _turn = self.core.set.home.turn()?;
        self.take(|guards| if guards == 0 { Some(-1) } else { None }, "read()` or `write")?;
        // SAFETY: the turn is held, and there is no other guard.
        let here = unsafe { self.core.on_host(true) };
        here.inspect_err(|_| self.core.guards.store(0, Ordering::Release))?;
        Ok(WriteGuard { rows: Rows::open(&self.core) })
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
        taken.map(drop).map_err(|_| Error::InUse {
            what: "dat",
            name: self.core.name.clone(),
            reason: format!("a guard from `{other}()` is alive"),
        })
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

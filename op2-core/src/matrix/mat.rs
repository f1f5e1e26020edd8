//! Matrices: one value for each entry of a [`Sparsity`], filled by loops or by hand.
//!
//! Holds the handle and single entries; guards are in `mat_guards`, algebra on whole matrices in
//! `algebra`, products with vectors in `operator`. Users see their own numbering of rows and columns,
//! whatever the storage; plans and loops see local numbering.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::base::error::{Error, Result};
use crate::mesh::home::Turn;
use crate::mesh::registry::enlist;

use super::entry::Entry;
use super::mat_core::MatCore;
use super::mat_guards::{Assembled, MatRead, MatWrite};
use super::pattern::Pattern;
use super::sparsity::Sparsity;
use super::sparsity_core::SparsityCore;
use super::storage::{Held, Shown, slice_mut};

/// Matrices of fewer entries are worked on by the calling thread: waking others takes longer.
const WORTH_SHARING: usize = 1 << 16;

/// A sparse matrix from vectors on set `C` to vectors on set `R`, with entries `T`: a number, or
/// for vector spaces a block `[[S; C]; R]`. A clone is the same matrix.
pub struct Mat<R, C, T> {
    core: Arc<MatCore>,
    shown: Shown<T>,
    marker: PhantomData<fn() -> (R, C)>,
}

impl<R, C, T: Entry> Clone for Mat<R, C, T> {
    fn clone(&self) -> Self {
        Self::of_core(self.core.clone())
    }
}

impl<R, C, T> fmt::Debug for Mat<R, C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core.fmt(f)
    }
}

impl<R, C, T: Entry> Mat<R, C, T> {
    /// Declares a matrix of zeros.
    ///
    /// # Errors
    /// A taken name, not enough memory, sets renumbered since the sparsity was made.
    #[doc(hidden)]
    pub fn declare(name: &str, sparsity: &Sparsity<R, C>) -> Result<Self> {
        let declared = sparsity.core().rows.home.keep::<Declared>();
        let mut declared = declared.0.lock().unwrap_or_else(PoisonError::into_inner);
        if declared.iter().filter_map(Weak::upgrade).any(|other| other.name == name) {
            let reason = "another matrix of this context has that name";
            return Err(Error::declaration("mat", name, reason));
        }
        let mat = Self::around(name, sparsity.core())?;
        enlist(&mut declared, mat.core());
        Ok(mat)
    }

    pub(super) fn around(name: &str, sparsity: &Arc<SparsityCore>) -> Result<Self> {
        MatCore::zeros::<T>(name, sparsity).map(Self::of_core)
    }

    fn of_core(core: Arc<MatCore>) -> Self {
        Self { core, shown: Shown::new(), marker: PhantomData }
    }

    /// The matrix's name.
    pub fn name(&self) -> &str {
        &self.core.name
    }

    /// Which entries the matrix has.
    pub fn sparsity(&self) -> Sparsity<R, C> {
        Sparsity::of_core(self.core.sparsity.clone())
    }

    /// How many rows and columns, in elements of their sets, on all ranks together.
    pub fn size(&self) -> (usize, usize) {
        (self.core.sparsity.rows.size, self.core.sparsity.cols.size)
    }

    /// How many entries (blocks, for vector spaces), on all ranks together.
    pub fn num_entries(&self) -> usize {
        self.core.sparsity.num_entries()
    }

    /// What is known of the matrix, whatever its types.
    pub fn core(&self) -> &Arc<MatCore> {
        &self.core
    }

    /// The matrix, for reading, until the guard is dropped.
    ///
    /// The guard looks straight at the storage, or holds a copy where sets were renumbered. On several
    /// ranks it is a copy of the whole matrix on each, and the call is collective.
    ///
    /// # Errors
    /// A guard from `write()` is alive, the call comes from inside a loop, sets were renumbered since.
    pub fn read(&self) -> Result<MatRead<'_, T>> {
        MatRead::open(&self.core, &self.turn()?)
    }

    /// The matrix, for changing single entries, until the guard is dropped.
    ///
    /// On several ranks the one that owns a row changes its entries; on the others the same call does
    /// nothing. So all ranks may make all calls, or each those for rows of its own. Dropping the guard
    /// is collective.
    ///
    /// # Errors
    /// Another guard is alive, the call comes from inside a loop, sets were renumbered since.
    pub fn write(&self) -> Result<MatWrite<'_, T>> {
        MatWrite::open(&self.core, &self.turn()?)
    }

    /// Ends adding: the matrix as it is now, for any reader. Collective: of several ranks, each gets a copy
    /// of the whole matrix.
    ///
    /// Unlike those of [`read`](Self::read), views of it last as long as this handle, and the matrix
    /// may change meanwhile: the first change after it copies the values, and the handle keeps what
    /// it has shown. In a loop that assembles again and again, use `read`.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn assemble(&self) -> Result<Assembled<'_, T>> {
        let turn = self.turn()?;
        if let Some(reason) = self.core.storage.blocked(false) {
            return Err(self.core.in_use(reason));
        }
        Ok(Assembled::of(self.shown.show(&self.core, &turn)?))
    }

    /// One entry. Collective.
    ///
    /// # Errors
    /// The pattern has no such entry; as [`read`](Self::read).
    pub fn get(&self, row: u32, col: u32) -> Result<T> {
        let place = self.core.agree(self.core.place(row, col))?;
        let value = self.look(|_, values, _| place.map(|place| values[place]))?;
        let Some(comm) = self.core.home().comm() else {
            return value.ok_or_else(|| self.nowhere());
        };
        let mine = value.as_ref().map_or(&[][..], bytemuck::bytes_of);
        let all = comm.all_gather(mine)?;
        let owner = all.iter().find(|bytes| !bytes.is_empty()).ok_or_else(|| self.nowhere())?;
        bytemuck::try_pod_read_unaligned(owner).map_err(|_| self.nowhere())
    }

    fn nowhere(&self) -> Error {
        self.core.refuse("no rank has the row")
    }

    /// Replaces one entry. Collective.
    ///
    /// # Errors
    /// The pattern has no such entry; as [`write`](Self::write).
    pub fn set(&self, row: u32, col: u32, value: T) -> Result<()> {
        let mut guard = self.write()?;
        let done = guard.set(row, col, value);
        guard.close(done)
    }

    /// Adds to one entry. Collective.
    ///
    /// # Errors
    /// The pattern has no such entry; as [`write`](Self::write).
    pub fn add(&self, row: u32, col: u32, value: T) -> Result<()> {
        let mut guard = self.write()?;
        let done = guard.add(row, col, value);
        guard.close(done)
    }

    /// The right to touch the matrix, having checked that it still fits its sets.
    pub(super) fn turn(&self) -> Result<Turn<'_>> {
        let turn = self.core.home().turn()?;
        self.core.sparsity.check_numbering()?;
        Ok(turn)
    }

    /// The values in local numbering as they are now.
    pub(super) fn shared(&self) -> Result<Held<T>> {
        let _turn = self.turn()?;
        if let Some(reason) = self.core.storage.blocked(false) {
            return Err(self.core.in_use(reason));
        }
        let values = self.core.storage.shared(&self.core.name)?;
        let sparsity = self.core.sparsity.clone();
        Ok(Held::Own { sparsity, values })
    }

    /// Reads pattern and values in local numbering, in the turn that is passed on, where the
    /// context's threads share the work.
    pub(super) fn look<A: Send>(
        &self,
        look: impl FnOnce(&Pattern, &[T], &Turn<'_>) -> A + Send,
    ) -> Result<A> {
        let turn = self.turn()?;
        if let Some(reason) = self.core.storage.blocked(false) {
            return Err(self.core.in_use(reason));
        }
        let values = self.core.storage.shared(&self.core.name)?;
        let pattern = self.core.sparsity.pattern();
        // SAFETY: the values are T (`around`); while `values` is an owner nobody writes.
        let slice = unsafe { &values.as_slice()[..pattern.num_entries()] };
        Ok(self.share(|| look(pattern, slice, &turn)))
    }

    /// Changes values in local numbering, in the turn that is passed on, where the context's threads
    /// share the work.
    pub(super) fn change<A: Send>(
        &self,
        change: impl FnOnce(&Pattern, &mut [T], &Turn<'_>) -> A + Send,
    ) -> Result<A> {
        let turn = self.turn()?;
        if let Some(reason) = self.core.storage.blocked(true) {
            return Err(self.core.in_use(reason));
        }
        let pattern = self.core.sparsity.pattern();
        let start = self.core.values_ptr()?;
        // SAFETY: the values are T; no guard is alive, and the turn keeps others away.
        let values = unsafe { slice_mut(start, pattern) };
        Ok(self.share(|| change(pattern, values, &turn)))
    }

    /// Calls `work` where the context's threads share it, if there is enough of it.
    fn share<A: Send>(&self, work: impl FnOnce() -> A + Send) -> A {
        if self.core.sparsity.pattern().num_entries() > WORTH_SHARING {
            self.core.home().on_threads(work)
        } else {
            work()
        }
    }
}

/// The matrices that a context has declared, for their names.
#[derive(Default)]
struct Declared(Mutex<Vec<Weak<MatCore>>>);

//! Matrices: one value for each entry of a [`Sparsity`], filled by loops or by hand.
//!
//! Holds the handle, its guards and single entries; algebra on whole matrices is in `algebra`,
//! products with vectors in `operator`. Users see their own numbering of rows and columns, whatever
//! the storage; plans and loops see local numbering.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use sprs::CsMatViewI;

use crate::base::element::ElementKind;
use crate::base::error::{Error, Result};
use crate::mesh::home::{Home, Turn, enlist, fresh_id};

use super::entry::Entry;
use super::exchange;
use super::pattern::{Pattern, PatternError};
use super::sparsity::{Sparsity, SparsityCore};
use super::storage::{Held, Shown, Storage, slice_mut};

/// Matrices of fewer entries are worked on by the calling thread: waking others takes longer.
const WORTH_SHARING: usize = 1 << 16;

/// What is known of a matrix, whatever its types.
pub struct MatCore {
    /// Distinguishes matrices.
    pub id: u64,
    /// For messages and reports.
    pub name: String,
    /// Which entries it has.
    pub sparsity: Arc<SparsityCore>,
    /// The shape of one entry.
    pub kind: ElementKind,
    /// Bytes of one entry.
    pub bytes: usize,
    pub(super) storage: Storage,
    accumulate: unsafe fn(*mut u8, *const u8, Range<usize>),
    non_finite: unsafe fn(*const u8, usize) -> bool,
}

impl MatCore {
    /// The home of its sets.
    pub fn home(&self) -> &Arc<Home> {
        &self.sparsity.rows.home
    }

    /// Where a loop adds or writes: `[num_entries]` in the order of the sparsity's pattern. To be
    /// asked for by each loop anew, in the home's turn, once [`blocked`](Self::blocked) is `None`.
    ///
    /// # Errors
    /// Views of the present values are alive and there is no memory for a copy.
    pub fn values_ptr(&self) -> Result<*mut u8> {
        self.storage.unshared(&self.name)
    }

    /// Bytes of all values.
    pub fn total_bytes(&self) -> usize {
        self.sparsity.pattern().num_entries() * self.bytes
    }

    /// Bytes of a row, if all were equally long.
    pub fn row_bytes(&self) -> usize {
        self.total_bytes().div_ceil(self.sparsity.rows.size.max(1))
    }

    /// Adds some entries of a copy of all values to the values themselves.
    ///
    /// # Safety
    /// `into` is what [`values_ptr`](Self::values_ptr) gave, `copy` has as many entries; nobody else
    /// touches these.
    pub unsafe fn accumulate(&self, into: *mut u8, copy: *const u8, entries: Range<usize>) {
        assert!(entries.end <= self.sparsity.pattern().num_entries(), "entries of the matrix");
        // SAFETY: just checked; the rest is the caller's promise.
        unsafe { (self.accumulate)(into, copy, entries) }
    }

    /// Whether any number of one entry is a NaN or an infinity.
    ///
    /// # Safety
    /// `values` is what [`values_ptr`](Self::values_ptr) gave; nobody writes meanwhile.
    pub unsafe fn has_non_finite(&self, values: *const u8, entry: usize) -> bool {
        assert!(entry < self.sparsity.pattern().num_entries(), "an entry of the matrix");
        // SAFETY: just checked; the rest is the caller's promise.
        unsafe { (self.non_finite)(values, entry) }
    }

    /// Why a loop cannot fill the matrix now, if it cannot.
    pub fn blocked(&self) -> Option<&'static str> {
        self.storage.blocked(true)
    }

    pub(super) fn in_use(&self, reason: &str) -> Error {
        Error::InUse { what: "mat", name: self.name.clone(), reason: reason.into() }
    }

    pub(super) fn refuse(&self, reason: impl Into<String>) -> Error {
        Error::declaration("mat", &self.name, reason)
    }

    /// The error in the user's numbering.
    pub(super) fn refuse_entry(&self, error: &PatternError) -> Error {
        match *error {
            PatternError::Missing { row, col } => self.missing(
                self.sparsity.rows.user_number(row as usize),
                self.sparsity.cols.user_number(col as usize),
            ),
            ref other => self.refuse(other.to_string()),
        }
    }

    fn missing(&self, row: usize, col: usize) -> Error {
        let (rows, cols) = (&self.sparsity.rows.name, &self.sparsity.cols.name);
        self.refuse(format!(
            "row {row} (of `{rows}`) has no entry in column {col} (of `{cols}`): the sparsity's maps do not couple them"
        ))
    }

    /// Row and column of the entry at a place, in the user's numbering.
    ///
    /// # Panics
    /// If there is no such entry.
    pub fn user_entry(&self, place: usize) -> (usize, usize) {
        let pattern = self.sparsity.pattern();
        let row = pattern.row_offsets().partition_point(|&first| first as usize <= place) - 1;
        let col = pattern.columns()[place] as usize;
        (self.sparsity.rows.user_number(row), self.sparsity.cols.user_number(col))
    }

    /// The place of an entry named in the user's numbering.
    fn place(&self, row: u32, col: u32) -> Result<usize> {
        let SparsityCore { rows, cols, .. } = &*self.sparsity;
        for (number, set) in [(row, rows), (col, cols)] {
            if number as usize >= set.size {
                return Err(self.refuse(format!("{number} is not in {set:?}")));
            }
        }
        let local = |number: u32, set: &crate::mesh::set::SetCore| {
            set.order().map_or(number, |order| order.to_new()[number as usize])
        };
        let place = self.sparsity.pattern().find(local(row, rows), local(col, cols));
        place.ok_or_else(|| self.missing(row as usize, col as usize))
    }
}

impl fmt::Debug for MatCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mat `{}`: {} in {:?}", self.name, self.kind, self.sparsity)
    }
}

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
        sparsity.check_numbering()?;
        let bytes = sparsity.pattern().num_entries().saturating_mul(size_of::<T>());
        Ok(Self::of_core(Arc::new(MatCore {
            id: fresh_id(),
            name: name.to_owned(),
            sparsity: sparsity.clone(),
            kind: T::KIND,
            bytes: size_of::<T>(),
            storage: Storage::zeroed(name, bytes)?,
            accumulate: accumulate::<T>,
            non_finite: non_finite::<T>,
        })))
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

    /// How many rows and columns, in elements of their sets.
    pub fn size(&self) -> (usize, usize) {
        (self.core.sparsity.rows.size, self.core.sparsity.cols.size)
    }

    /// How many entries (blocks, for vector spaces).
    pub fn num_entries(&self) -> usize {
        self.core.sparsity.pattern().num_entries()
    }

    /// What is known of the matrix, whatever its types.
    pub fn core(&self) -> &Arc<MatCore> {
        &self.core
    }

    /// The matrix, for reading, until the guard is dropped.
    ///
    /// The guard looks straight at the storage, or holds a copy where sets were renumbered.
    ///
    /// # Errors
    /// A guard from `write()` is alive, the call comes from inside a loop, sets were renumbered since.
    pub fn read(&self) -> Result<MatRead<'_, T>> {
        let turn = self.turn()?;
        self.core.storage.enter(1).map_err(|reason| self.core.in_use(reason))?;
        // The guard exists first, so that it leaves again whatever comes.
        let mut guard = MatRead { core: &self.core, held: None };
        guard.held = Some(Held::take(&self.core.sparsity, &self.core.storage, &turn));
        Ok(guard)
    }

    /// The matrix, for changing single entries, until the guard is dropped.
    ///
    /// # Errors
    /// Another guard is alive, the call comes from inside a loop, sets were renumbered since.
    pub fn write(&self) -> Result<MatWrite<'_, T>> {
        let _turn = self.turn()?;
        self.core.storage.enter(-1).map_err(|reason| self.core.in_use(reason))?;
        let mut guard =
            MatWrite { core: &self.core, start: std::ptr::null_mut(), marker: PhantomData };
        guard.start = self.core.values_ptr()?;
        Ok(guard)
    }

    /// Ends adding: the matrix as it is now, for any reader.
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
        let held = self.shown.show(&self.core.sparsity, &self.core.storage, &turn);
        Ok(Assembled { pattern: held.pattern(), values: held.values() })
    }

    /// One entry.
    ///
    /// # Errors
    /// The pattern has no such entry; as [`read`](Self::read).
    pub fn get(&self, row: u32, col: u32) -> Result<T> {
        let place = self.core.place(row, col)?;
        self.look(|_, values, _| values[place])
    }

    /// Replaces one entry.
    ///
    /// # Errors
    /// The pattern has no such entry; as [`write`](Self::write).
    pub fn set(&self, row: u32, col: u32, value: T) -> Result<()> {
        self.write()?.set(row, col, value)
    }

    /// Adds to one entry.
    ///
    /// # Errors
    /// The pattern has no such entry; as [`write`](Self::write).
    pub fn add(&self, row: u32, col: u32, value: T) -> Result<()> {
        self.write()?.add(row, col, value)
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
        let (sparsity, values) = (self.core.sparsity.clone(), self.core.storage.shared());
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
        let values = self.core.storage.shared();
        // SAFETY: the values are T (`around`); while `values` is an owner nobody writes.
        let slice = unsafe { values.as_slice() };
        let pattern = self.core.sparsity.pattern();
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
        if self.num_entries() > WORTH_SHARING { self.core.home().on_threads(work) } else { work() }
    }
}

/// The matrices that a context has declared, for their names.
#[derive(Default)]
struct Declared(Mutex<Vec<Weak<MatCore>>>);

/// As [`MatCore::accumulate`], for entries T.
unsafe fn accumulate<T: Entry>(into: *mut u8, copy: *const u8, entries: Range<usize>) {
    for entry in entries {
        // SAFETY: both hold T's; the caller has these entries for itself.
        unsafe { (*into.cast::<T>().add(entry)).accumulate(&*copy.cast::<T>().add(entry)) };
    }
}

/// As [`MatCore::has_non_finite`], for entries T.
unsafe fn non_finite<T: Entry>(values: *const u8, entry: usize) -> bool {
    // SAFETY: the values are T's; nobody writes.
    unsafe { (*values.cast::<T>().add(entry)).has_non_finite() }
}

/// A matrix for reading, in the user's numbering.
pub struct MatRead<'m, T: Entry> {
    core: &'m MatCore,
    held: Option<Held<T>>,
}

impl<T: Entry> MatRead<'_, T> {
    fn held(&self) -> &Held<T> {
        self.held.as_ref().expect("filled as soon as the guard exists")
    }

    /// Which entries there are.
    pub fn pattern(&self) -> &Pattern {
        self.held().pattern()
    }

    /// The values, `[num_entries]`, in the order of the pattern.
    pub fn values(&self) -> &[T] {
        self.held().values()
    }

    /// The matrix as `sprs` sees it, by rows, without copying.
    pub fn csr(&self) -> CsMatViewI<'_, T, u32> {
        exchange::view(self.pattern(), self.values())
    }

    /// One entry, if the pattern has it.
    pub fn get(&self, row: u32, col: u32) -> Option<&T> {
        self.pattern().find(row, col).map(|place| &self.values()[place])
    }
}

impl<T: Entry> Drop for MatRead<'_, T> {
    fn drop(&mut self) {
        self.held = None;
        self.core.storage.leave(1);
    }
}

/// A matrix for changing single entries, named in the user's numbering.
pub struct MatWrite<'m, T: Entry> {
    core: &'m MatCore,
    start: *mut u8,
    marker: PhantomData<&'m mut [T]>,
}

impl<T: Entry> MatWrite<'_, T> {
    fn entry(&mut self, row: u32, col: u32) -> Result<&mut T> {
        let place = self.core.place(row, col)?;
        // SAFETY: the values are T; the guard count keeps everyone else away, and so does
        // `&mut self`.
        let values = unsafe { slice_mut::<T>(self.start, self.core.sparsity.pattern()) };
        Ok(&mut values[place])
    }

    /// Replaces one entry.
    ///
    /// # Errors
    /// The pattern has no such entry.
    pub fn set(&mut self, row: u32, col: u32, value: T) -> Result<()> {
        *self.entry(row, col)? = value;
        Ok(())
    }

    /// Adds to one entry.
    ///
    /// # Errors
    /// The pattern has no such entry.
    pub fn add(&mut self, row: u32, col: u32, value: T) -> Result<()> {
        self.entry(row, col)?.accumulate(&value);
        Ok(())
    }

    /// Adds a small dense tensor, `[rows, cols]`: `tensor[i][j]` to the entry of `rows[i]`, `cols[j]`.
    ///
    /// # Errors
    /// The pattern lacks one of the entries; nothing is changed then.
    pub fn add_tensor<const A: usize, const B: usize>(
        &mut self,
        rows: &[u32; A],
        cols: &[u32; B],
        tensor: &[[T; B]; A],
    ) -> Result<()> {
        for &row in rows {
            cols.iter().try_for_each(|&col| self.entry(row, col).map(drop))?;
        }
        for (&row, values) in rows.iter().zip(tensor) {
            for (&col, value) in cols.iter().zip(values) {
                self.add(row, col, *value)?;
            }
        }
        Ok(())
    }
}

impl<T: Entry> Drop for MatWrite<'_, T> {
    fn drop(&mut self) {
        self.core.storage.leave(-1);
    }
}

/// A matrix as it was when assembled, in the user's numbering. See [`Mat::assemble`].
#[derive(Clone, Copy, Debug)]
pub struct Assembled<'m, T> {
    pattern: &'m Pattern,
    values: &'m [T],
}

impl<'m, T: Entry> Assembled<'m, T> {
    /// Which entries there are.
    pub fn pattern(&self) -> &'m Pattern {
        self.pattern
    }

    /// The values, `[num_entries]`, in the order of the pattern.
    pub fn values(&self) -> &'m [T] {
        self.values
    }

    /// The matrix as `sprs` sees it, by rows, without copying.
    pub fn csr(&self) -> CsMatViewI<'m, T, u32> {
        exchange::view(self.pattern, self.values)
    }
}

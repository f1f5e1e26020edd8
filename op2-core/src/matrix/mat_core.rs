//! What is known of a matrix, whatever its types: what plans, bindings and messages ask for.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::base::buffer::Buffer;
use crate::base::element::ElementKind;
use crate::base::error::{Error, Result};
use crate::base::wire::agree;
use crate::mesh::home::{Home, fresh_id};
use crate::mesh::mirror::{Mirror, Remote};

use super::entry::Entry;
use super::pattern::PatternError;
use super::sparsity_core::SparsityCore;
use super::storage::Storage;

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
    /// A matrix of zeros with entries T. Collective.
    pub(super) fn zeros<T: Entry>(name: &str, sparsity: &Arc<SparsityCore>) -> Result<Arc<Self>> {
        sparsity.check_numbering()?;
        let bytes = sparsity.num_stored().saturating_mul(size_of::<T>());
        let storage = Storage::zeroed(name, bytes);
        Ok(Arc::new(Self {
            id: fresh_id(),
            name: name.to_owned(),
            sparsity: sparsity.clone(),
            kind: T::KIND,
            bytes: size_of::<T>(),
            storage: agreed(&sparsity.rows.home, storage)?,
            accumulate: accumulate::<T>,
            non_finite: non_finite::<T>,
        }))
    }

    /// The home of its sets.
    pub fn home(&self) -> &Arc<Home> {
        &self.sparsity.rows.home
    }

    /// Where a loop adds or writes: `[num_stored]`, in the order of the sparsity's pattern. To be
    /// asked for by each loop anew, in the home's turn, once [`blocked`](Self::blocked) is `None`.
    ///
    /// # Errors
    /// Views of the present values are alive and there is no memory for a copy.
    pub fn values_ptr(&self) -> Result<*mut u8> {
        self.storage.unshared(&self.name)
    }

    /// The values as they are now, for reading, in the home's turn.
    ///
    /// # Errors
    /// They cannot be brought from a device.
    ///
    /// # Safety
    /// Hold the home's turn.
    pub unsafe fn values_on_host(&self) -> Result<Arc<Buffer>> {
        self.storage.shared(&self.name)
    }

    /// The copy of the values on a device, made if there is none, and brought up to date, in the
    /// home's turn.
    ///
    /// # Errors
    /// Those of `make` and the device's.
    ///
    /// # Safety
    /// Hold the home's turn, with no guard alive that contradicts `writes`.
    pub unsafe fn on_device<R: Remote>(
        &self,
        writes: bool,
        make: impl FnOnce() -> Result<R>,
    ) -> Result<Arc<R>> {
        self.storage.on_device(writes, make)
    }

    /// Has `replace` replace all values on a device; the present ones are not copied.
    ///
    /// # Errors
    /// Those of `make` and `replace`; values that were valid on the host still are.
    ///
    /// # Safety
    /// Hold the home's turn, with no guard alive; where `replace` succeeds, the device holds entries of
    /// the matrix's type.
    pub unsafe fn replace_on_device<R: Remote>(
        &self,
        make: impl FnOnce() -> Result<R>,
        replace: impl FnOnce(&Arc<R>) -> Result<()>,
    ) -> Result<()> {
        // SAFETY: the caller's promise.
        unsafe { self.storage.replace_on_device(make, replace) }
    }

    /// Which copies of the values are valid.
    pub fn mirror(&self) -> &Mirror {
        self.storage.mirror()
    }

    /// Bytes of all values that are stored here.
    pub fn total_bytes(&self) -> usize {
        self.sparsity.num_stored() * self.bytes
    }

    /// Bytes of a row, if all were equally long.
    pub fn row_bytes(&self) -> usize {
        self.total_bytes().div_ceil(self.sparsity.rows.rows().max(1))
    }

    /// Adds some entries of a copy of all values to the values themselves.
    ///
    /// # Safety
    /// `into` is what [`values_ptr`](Self::values_ptr) gave, `copy` has as many entries; nobody else
    /// touches these.
    pub unsafe fn accumulate(&self, into: *mut u8, copy: *const u8, entries: Range<usize>) {
        assert!(entries.end <= self.sparsity.num_stored(), "entries of the matrix");
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

    /// What is at a place, in the user's numbering, as messages call it.
    ///
    /// # Panics
    /// If nothing is stored there.
    pub fn named_place(&self, place: usize) -> String {
        let SparsityCore { rows, .. } = &*self.sparsity;
        match place.checked_sub(self.sparsity.pattern().num_entries()) {
            None => format!("entry {:?} of mat `{}`", self.user_entry(place), self.name),
            Some(behind) => {
                let row = rows.user_number(rows.owned() + behind);
                format!("row {row} of mat `{}`, which belongs to another rank", self.name)
            }
        }
    }

    /// The place of an entry named in the user's numbering; `None` where another rank has the row.
    pub(super) fn place(&self, row: u32, col: u32) -> Result<Option<usize>> {
        let SparsityCore { rows, cols, .. } = &*self.sparsity;
        for (number, set) in [(row, rows), (col, cols)] {
            if number as usize >= set.size {
                return Err(self.refuse(format!("{number} is not in {set:?}")));
            }
        }
        let owned = rows.local_number(row).filter(|&local| (local as usize) < rows.owned());
        let Some(local_row) = owned else { return Ok(None) };
        let place =
            cols.local_number(col).and_then(|col| self.sparsity.pattern().find(local_row, col));
        place.map(Some).ok_or_else(|| self.missing(row as usize, col as usize))
    }

    /// What this rank has found, unless a rank has an error. Collective.
    pub(super) fn agree<A>(&self, mine: Result<A>) -> Result<A> {
        agreed(self.home(), mine)
    }
}

impl fmt::Debug for MatCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mat `{}`: {} in {:?}", self.name, self.kind, self.sparsity)
    }
}

/// What this rank has found, unless a rank of the home has an error. Collective.
fn agreed<A>(home: &Home, mine: Result<A>) -> Result<A> {
    match home.comm() {
        None => mine,
        Some(comm) => agree(&**comm, mine),
    }
}

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

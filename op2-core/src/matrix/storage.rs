//! The values of a matrix in memory, and who may see or change them.
//!
//! Values are shared by counting owners. A buffer with a second owner (a guard, or what `assemble`
//! keeps) is never written: a change copies it first. That is what makes views safe which outlive
//! the guard that they came from.

use std::sync::atomic::{AtomicIsize, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::base::buffer::Buffer;
use crate::base::error::{Error, Result};
use crate::mesh::home::Turn;
use crate::mesh::mirror::{Fresh, Mirror, Remote};

use super::entry::Entry;
use super::mat_core::MatCore;
use super::pattern::Pattern;
use super::sparsity_core::SparsityCore;

/// The values of a matrix and the guards on them.
pub(super) struct Storage {
    values: Mutex<Arc<Buffer>>,
    mirror: Mirror,
    /// How often values may have changed.
    version: AtomicU64,
    /// Guards alive: -1 one that writes, else how many that read.
    guards: AtomicIsize,
}

impl Storage {
    pub(super) fn zeroed(name: &str, bytes: usize) -> Result<Self> {
        let buffer = Buffer::zeroed(bytes).map_err(|_| out_of_memory(name, bytes))?;
        Ok(Self {
            values: Mutex::new(Arc::new(buffer)),
            mirror: Mirror::default(),
            version: 0.into(),
            guards: 0.into(),
        })
    }

    /// The values as they are now; nobody will write to them while this owner lives. Asked for in
    /// the home's turn.
    pub(super) fn shared(&self, name: &str) -> Result<Arc<Buffer>> {
        let mut values = self.lock();
        self.bring(&mut values, name, false)?;
        Ok(values.clone())
    }

    /// The copy of the values on a device, made if there is none, and brought up to date. Asked for
    /// in the home's turn.
    pub(super) fn on_device<R: Remote>(
        &self,
        writes: bool,
        make: impl FnOnce() -> Result<R>,
    ) -> Result<Arc<R>> {
        let values = self.lock();
        if writes {
            self.version.fetch_add(1, Ordering::Release);
        }
        // SAFETY: the storage; in the turn nobody writes to it, whoever else owns it only reads.
        unsafe { self.mirror.to_device(writes, values.as_ptr(), values.len(), make) }
    }

    /// As [`Mirror::replace_on_device`].
    ///
    /// # Safety
    /// As there.
    pub(super) unsafe fn replace_on_device<R: Remote>(
        &self,
        make: impl FnOnce() -> Result<R>,
        replace: impl FnOnce(&Arc<R>) -> Result<()>,
    ) -> Result<()> {
        self.version.fetch_add(1, Ordering::Release);
        // SAFETY: the caller's promise.
        unsafe { self.mirror.replace_on_device(make, replace) }
    }

    /// Which copies of the values are valid.
    pub(super) fn mirror(&self) -> &Mirror {
        &self.mirror
    }

    /// Brings the values to the host: into a buffer of their own where others still look at old ones.
    fn bring(&self, values: &mut Arc<Buffer>, name: &str, writes: bool) -> Result<()> {
        if self.mirror.fresh() == Fresh::Device && Arc::get_mut(values).is_none() {
            let bytes = values.len();
            *values = Arc::new(Buffer::zeroed(bytes).map_err(|_| out_of_memory(name, bytes))?);
        }
        // SAFETY: where bytes are copied, the buffer has no other owner (just seen to).
        unsafe { self.mirror.to_host(writes, values.as_mut_ptr(), values.len()) }
    }

    /// Where to write, having copied the values if somebody else still looks at them. Valid until
    /// the next [`shared`](Self::shared).
    pub(super) fn unshared(&self, name: &str) -> Result<*mut u8> {
        let mut values = self.lock();
        self.version.fetch_add(1, Ordering::Release);
        self.bring(&mut values, name, true)?;
        if Arc::get_mut(&mut values).is_none() {
            // SAFETY: any bytes are bytes; a buffer with several owners is not written.
            let bytes: &[u8] = unsafe { values.as_slice() };
            let copy = Buffer::from_slice(bytes).map_err(|e| out_of_memory(name, e.bytes))?;
            *values = Arc::new(copy);
        }
        Ok(values.as_mut_ptr())
    }

    /// Why the values cannot be used now, if they cannot.
    pub(super) fn blocked(&self, for_writing: bool) -> Option<&'static str> {
        match self.guards.load(Ordering::Acquire) {
            0 => None,
            -1 => Some("a guard from `write()` is alive: drop it first"),
            _ if for_writing => Some("a guard from `read()` is alive: drop it first"),
            _ => None,
        }
    }

    /// Enters a guard; -1 writes, 1 reads.
    pub(super) fn enter(&self, guard: isize) -> Result<(), &'static str> {
        if let Some(reason) = self.blocked(guard < 0) {
            return Err(reason);
        }
        self.guards.fetch_add(guard, Ordering::AcqRel);
        Ok(())
    }

    pub(super) fn leave(&self, guard: isize) {
        self.guards.fetch_sub(guard, Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, Arc<Buffer>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn out_of_memory(name: &str, bytes: usize) -> Error {
    Error::OutOfMemory { what: format!("matrix `{name}`"), bytes }
}

/// Values to be changed, by who holds the turn or a writing guard.
///
/// # Safety
/// `start` comes from [`Storage::unshared`] of a matrix with this pattern and entries of T; nobody
/// else touches the values while the slice lives. Values behind the entries of the pattern are not in it.
pub(super) unsafe fn slice_mut<'v, T: Entry>(start: *mut u8, pattern: &Pattern) -> &'v mut [T] {
    // SAFETY: the storage holds one T for each entry; the rest is the caller's promise.
    unsafe { std::slice::from_raw_parts_mut(start.cast(), pattern.num_entries()) }
}

/// A matrix to look at: pattern and values, in the user's numbering.
pub(super) enum Held<T> {
    /// Those of the matrix itself.
    Own { sparsity: Arc<SparsityCore>, values: Arc<Buffer> },
    /// A copy, because the sets were renumbered or ranks have their rows.
    Copy { pattern: Pattern, values: Vec<T> },
}

impl<T: Entry> Held<T> {
    /// The present values, taken in the home's turn. Collective.
    pub(super) fn take(core: &MatCore, _turn: &Turn<'_>) -> Result<Self> {
        let MatCore { sparsity, storage, name, .. } = core;
        let own = Self::Own { sparsity: sparsity.clone(), values: storage.shared(name)? };
        let (rows, cols) = (sparsity.rows.order(), sparsity.cols.order());
        if rows.is_none() && cols.is_none() {
            return Ok(own);
        }
        if let Some(comm) = sparsity.rows.home.comm() {
            let (pattern, values) = super::gather::on_all(&**comm, sparsity, own.values())?;
            return Ok(Self::Copy { pattern, values });
        }
        let local_row = |user: u32| sparsity.rows.local_number(user).unwrap_or_default();
        let user_col =
            |local: u32| cols.as_ref().map_or(local, |order| order.to_user()[local as usize]);
        let rows_in_turn = (0..sparsity.rows.size as u32).map(local_row);
        let (pattern, values) = super::exchange::renumbered(
            own.pattern(),
            own.values(),
            rows_in_turn.collect::<Vec<_>>().into_iter(),
            user_col,
        );
        Ok(Self::Copy { pattern, values })
    }

    /// A copy of the first columns.
    pub(super) fn columns(&self, num_cols: usize) -> Self {
        let pattern = self.pattern();
        let mut offsets = Vec::with_capacity(pattern.num_rows() + 1);
        offsets.push(0);
        let (mut columns, mut values) = (Vec::new(), Vec::new());
        for row in 0..pattern.num_rows() as u32 {
            // Columns rise.
            let all = pattern.row(row);
            let count = all.partition_point(|&col| (col as usize) < num_cols);
            columns.extend_from_slice(&all[..count]);
            values.extend_from_slice(&self.values()[pattern.row_range(row)][..count]);
            offsets.push(columns.len() as u32);
        }
        Self::Copy { pattern: Pattern::trusted(num_cols, offsets, columns), values }
    }

    pub(super) fn pattern(&self) -> &Pattern {
        match self {
            Self::Own { sparsity, .. } => sparsity.pattern(),
            Self::Copy { pattern, .. } => pattern,
        }
    }

    pub(super) fn values(&self) -> &[T] {
        match self {
            // SAFETY: the matrix's values are T; while `self` owns the buffer too, nobody writes to
            // it (`Storage::unshared`).
            Self::Own { values, sparsity } => unsafe {
                &values.as_slice()[..sparsity.pattern().num_entries()]
            },
            Self::Copy { values, .. } => values,
        }
    }
}

/// What one handle's `assemble` has shown, kept so that views last as long as the handle.
pub(super) struct Shown<T> {
    first: OnceLock<Box<Node<T>>>,
}

struct Node<T> {
    version: u64,
    held: Held<T>,
    next: OnceLock<Box<Node<T>>>,
}

impl<T: Entry> Shown<T> {
    pub(super) const fn new() -> Self {
        Self { first: OnceLock::new() }
    }

    /// The present values: those shown last, if nothing changed since.
    pub(super) fn show(&self, core: &MatCore, turn: &Turn<'_>) -> Result<&Held<T>> {
        let version = core.storage.version.load(Ordering::Acquire);
        let mut place = &self.first;
        while let Some(node) = place.get() {
            if node.version == version {
                return Ok(&node.held);
            }
            place = &node.next;
        }
        let held = Held::take(core, turn)?;
        let node = Box::new(Node { version, held, next: OnceLock::new() });
        // The turn is held: nobody else appends meanwhile.
        Ok(&place.get_or_init(|| node).held)
    }
}

impl<T> Drop for Shown<T> {
    /// Link by link, so that a long list needs no deep stack.
    fn drop(&mut self) {
        let mut next = self.first.take();
        while let Some(mut node) = next {
            next = node.next.take();
        }
    }
}

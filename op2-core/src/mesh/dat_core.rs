//! The storage of a dat, whatever its types: local numbering, one of two layouts, perhaps mirrored in
//! the memory of a device.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, Ordering};

use crate::base::buffer::{Buffer, OutOfMemory};
use crate::base::cell::BufferCell;
use crate::base::element::{Element, ElementKind, bytes_of, rows_from_bytes};
use crate::base::error::{Error, Result};
use crate::base::layout::Layout;
use crate::mesh::access::Access;
use crate::mesh::given::{collect_rows, gather_rows};
use crate::mesh::halo::Halo;
use crate::mesh::home::fresh_id;
use crate::mesh::mirror::{Mirror, Remote};
use crate::mesh::set::SetCore;

/// What is known of a dat, whatever its types.
pub struct DatCore {
    /// Distinguishes dats.
    pub id: u64,
    /// For messages and reports.
    pub name: String,
    /// The set it lives on.
    pub set: Arc<SetCore>,
    /// The shape of one element.
    pub kind: ElementKind,
    /// Bytes of one element.
    pub bytes: usize,
    /// Leaves of one element.
    pub dim: usize,
    /// How the leaves lie in memory.
    pub layout: Layout,
    buffer: BufferCell,
    mirror: Mirror,
    /// Which copies of other ranks' rows are valid.
    pub halo: Halo,
    /// Guards alive: -1 one that writes, else how many that read.
    pub(super) guards: AtomicIsize,
    /// Finds NaN or infinity in element number `i` of the storage.
    non_finite: fn(&DatCore, usize) -> bool,
    /// Moves rows: `to_old[new]` is where the new row comes from.
    permute: fn(&DatCore, &[u32]),
    /// Combines leaves of a copy into the dat's.
    combine: fn(&DatCore, Access, *const u8, Range<usize>),
}

impl DatCore {
    /// Where the values are on the host, brought there if a device has changed them.
    ///
    /// # Errors
    /// The device's.
    ///
    /// # Safety
    /// Hold the home's turn, with no guard alive that contradicts `writes`.
    pub unsafe fn on_host(&self, writes: bool) -> Result<*mut u8> {
        // SAFETY: the buffer is this dat's; the rest is the caller's promise.
        unsafe { self.mirror.to_host(writes, self.storage(), self.buffer.len())? };
        if writes {
            self.halo.changed();
        }
        Ok(self.storage())
    }

    /// The copy of the values on a device, made if there is none, and brought up to date.
    ///
    /// # Errors
    /// Those of `make` and the device's.
    ///
    /// # Safety
    /// As [`on_host`](Self::on_host).
    pub unsafe fn on_device<R: Remote>(
        &self,
        writes: bool,
        make: impl FnOnce() -> Result<R>,
    ) -> Result<Arc<R>> {
        if writes {
            self.halo.changed();
        }
        // SAFETY: as above.
        unsafe { self.mirror.to_device(writes, self.storage(), self.buffer.len(), make) }
    }

    /// Has `replace` replace all values on a device; the present ones are not copied.
    ///
    /// # Errors
    /// Those of `make` and `replace`; values that were valid on the host still are.
    ///
    /// # Safety
    /// Hold the home's turn, with no guard alive; where `replace` succeeds, the device holds values of
    /// the dat's type.
    pub unsafe fn replace_on_device<R: Remote>(
        &self,
        make: impl FnOnce() -> Result<R>,
        replace: impl FnOnce(&Arc<R>) -> Result<()>,
    ) -> Result<()> {
        self.halo.changed();
        // SAFETY: the caller's promise.
        unsafe { self.mirror.replace_on_device(make, replace) }
    }

    /// Which copies of the values are valid.
    pub fn mirror(&self) -> &Mirror {
        &self.mirror
    }

    /// Where the values are on the host, once they are there.
    pub(super) fn storage(&self) -> *mut u8 {
        self.buffer.as_mut_ptr()
    }

    /// Whether leaves of one element are apart (structure of arrays with several leaves).
    pub fn is_scattered(&self) -> bool {
        self.layout == Layout::Soa && self.dim > 1
    }

    /// Why a loop cannot use the dat now, if it cannot.
    pub fn blocked(&self, for_writing: bool) -> Option<&'static str> {
        match self.guards.load(Ordering::Acquire) {
            0 => None,
            -1 => Some("a guard from `write()` is alive: drop it before the loop"),
            _ if for_writing => Some("a guard from `read()` is alive: drop it before the loop"),
            _ => None,
        }
    }

    /// Whether any number of one element is a NaN or an infinity.
    ///
    /// # Safety
    /// Hold the home's turn; `element` is less than the set's size.
    pub unsafe fn has_non_finite(&self, element: usize) -> bool {
        (self.non_finite)(self, element)
    }

    /// Moves every row to its place in a new numbering.
    ///
    /// # Safety
    /// Hold the home's turn, with no guard alive and the values on the host; `to_old` is a permutation of the set.
    pub unsafe fn permute(&self, to_old: &[u32]) {
        (self.permute)(self, to_old);
    }

    /// Combines a range of leaves of a copy of the whole storage into the dat's own.
    ///
    /// # Safety
    /// Hold the home's turn; `copy` has the shape of the dat's storage; nobody else touches these
    /// leaves.
    pub unsafe fn combine_leaves(&self, access: Access, copy: *const u8, leaves: Range<usize>) {
        (self.combine)(self, access, copy, leaves);
    }
}

/// Rows as bytes, leaf after leaf whatever the layout: how they travel between ranks.
impl DatCore {
    /// Puts rows, given by their local numbers, one after the other into `out`.
    ///
    /// # Panics
    /// A row is not stored here, or they do not fit.
    ///
    /// # Safety
    /// Hold the home's turn, with the values on the host and no guard that writes.
    pub unsafe fn pack(&self, rows: &[u32], out: &mut [u8]) {
        self.each_leaf(rows, out.len(), |at, place, leaf| {
            // SAFETY: `each_leaf` names leaves inside the storage and of `out`.
            unsafe {
                out.as_mut_ptr().add(at).copy_from_nonoverlapping(self.storage().add(place), leaf);
            }
        });
    }

    /// Takes rows, given by their local numbers, from where [`pack`](Self::pack) has put them.
    ///
    /// # Panics
    /// As [`pack`](Self::pack).
    ///
    /// # Safety
    /// As [`pack`](Self::pack), with no guard at all; the bytes are those of such rows.
    pub unsafe fn unpack(&self, rows: &[u32], from: &[u8]) {
        self.each_leaf(rows, from.len(), |at, place, leaf| {
            // SAFETY: as above.
            unsafe {
                self.storage().add(place).copy_from_nonoverlapping(from.as_ptr().add(at), leaf);
            }
        });
    }

    /// Calls `f` for each leaf of each row with its place in the packed rows, its place in the storage
    /// and its size.
    fn each_leaf(&self, rows: &[u32], packed: usize, mut f: impl FnMut(usize, usize, usize)) {
        assert_eq!(packed, rows.len() * self.bytes, "so many packed rows");
        let stored = self.set.rows();
        assert_eq!(self.buffer.len(), stored * self.bytes, "the storage has the set's rows");
        let inside = |row: u32| (row as usize) < stored;
        assert!(rows.iter().all(|&row| inside(row)), "rows that are stored here");
        let pieces = if self.is_scattered() { self.dim } else { 1 };
        let leaf = self.bytes / pieces;
        for (i, &row) in rows.iter().enumerate() {
            for c in 0..pieces {
                let place = if pieces == 1 { row as usize } else { c * stored + row as usize };
                f(i * self.bytes + c * leaf, place * leaf, leaf);
            }
        }
    }

    /// A buffer for so many rows, all zeros: what [`settle`](Self::settle) takes.
    ///
    /// # Errors
    /// Not enough memory.
    pub fn buffer_for(&self, rows: usize) -> Result<Buffer> {
        let bytes = rows.checked_mul(self.bytes).ok_or(OutOfMemory { bytes: usize::MAX });
        bytes.and_then(Buffer::zeroed).map_err(|e| Error::OutOfMemory {
            what: format!("dat `{}`", self.name),
            bytes: e.bytes,
        })
    }

    /// Replaces the storage once the set has other rows: `owned` are the packed rows of its elements.
    ///
    /// # Panics
    /// Sizes do not fit.
    ///
    /// # Safety
    /// Hold the home's turn, with no guard alive that looks at the storage; the bytes are rows of the dat's type.
    pub unsafe fn settle(&self, buffer: Buffer, owned: &[u8]) {
        self.mirror.forget();
        self.halo.moved();
        let rows: Vec<u32> = (0..self.set.owned() as u32).collect();
        // SAFETY: the turn is held, nobody has a slice of the old storage.
        unsafe {
            self.buffer.replace(buffer);
            self.unpack(&rows, owned);
        }
    }
}

impl fmt::Debug for DatCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dat `{}`: {} on {:?}", self.name, self.kind, self.set)
    }
}

/// The first values of a dat.
#[derive(Clone, Copy)]
pub(super) enum First<'a, T> {
    /// Zeros.
    Zeros,
    /// Those of all elements, in the user's sequence.
    Whole(&'a [T]),
    /// Those of the elements that belong to this rank, in local sequence.
    Owned(&'a [T]),
}

/// A dat with its values, in the present numbering, that nobody else knows yet.
pub(super) fn fill<T: Element>(
    name: &str,
    set: &Arc<SetCore>,
    values: First<'_, T>,
    layout: Layout,
) -> Result<Arc<DatCore>> {
    let plain = (T::DIM == 1 || layout == Layout::Aos) && set.order().is_none();
    let buffer = match (values, set.rows().checked_mul(size_of::<T>())) {
        (First::Whole(values), _) if plain => Buffer::from_slice(bytes_of(values)),
        (_, Some(bytes)) => Buffer::zeroed(bytes),
        (_, None) => Err(OutOfMemory { bytes: usize::MAX }),
    }
    .map_err(|e| Error::OutOfMemory { what: format!("dat `{name}`"), bytes: e.bytes })?;
    let core = Arc::new(DatCore {
        id: fresh_id(),
        name: name.to_owned(),
        set: set.clone(),
        kind: T::KIND,
        bytes: size_of::<T>(),
        dim: T::DIM,
        layout,
        buffer: BufferCell::new(buffer),
        mirror: Mirror::default(),
        halo: Halo::new(matches!(values, First::Zeros)),
        guards: AtomicIsize::new(0),
        non_finite: non_finite::<T>,
        permute: permute::<T>,
        combine: combine::<T>,
    });
    match values {
        First::Whole(values) if !plain => store_rows(&core, values),
        First::Owned(values) => {
            assert_eq!(values.len(), set.owned(), "one value for each row of this rank");
            for (local, row) in values.iter().enumerate() {
                // SAFETY: the row is in the storage, and nobody else knows the dat.
                unsafe { store(&core, local, row) };
            }
        }
        First::Whole(_) | First::Zeros => {}
    }
    Ok(core)
}

/// Reads one element, wherever its leaves lie.
///
/// # Safety
/// `element` is less than the set's size, T is the dat's type, nobody writes meanwhile.
unsafe fn load<T: Element>(core: &DatCore, element: usize) -> T {
    let base = core.storage();
    // SAFETY: the storage holds `size * DIM` leaves; both index forms stay inside.
    unsafe {
        if !core.is_scattered() {
            return base.cast::<T>().add(element).read();
        }
        let mut row = T::zeroed();
        let leaves = (&raw mut row).cast::<T::Leaf>();
        for c in 0..T::DIM {
            let leaf = base.cast::<T::Leaf>().add(c * core.set.rows() + element);
            leaves.add(c).write(leaf.read());
        }
        row
    }
}

/// Writes one element, wherever its leaves lie.
///
/// # Safety
/// `element` is less than the set's size, T is the dat's type, nobody else touches it meanwhile.
unsafe fn store<T: Element>(core: &DatCore, element: usize, row: &T) {
    let base = core.storage();
    // SAFETY: the storage holds `size * DIM` leaves; both index forms stay inside.
    unsafe {
        if !core.is_scattered() {
            return base.cast::<T>().add(element).write(*row);
        }
        let leaves = (&raw const *row).cast::<T::Leaf>();
        for c in 0..T::DIM {
            let leaf = base.cast::<T::Leaf>().add(c * core.set.rows() + element);
            leaf.write(leaves.add(c).read());
        }
    }
}

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

fn non_finite<T: Element>(core: &DatCore, element: usize) -> bool {
    assert!(element < core.set.rows(), "element inside the set");
    // SAFETY: just checked; reached only through `DatCore::has_non_finite`, under the turn.
    unsafe { load::<T>(core, element) }.has_non_finite()
}

fn permute<T: Element>(core: &DatCore, to_old: &[u32]) {
    assert_eq!(to_old.len(), core.set.rows(), "a permutation of the whole set");
    // SAFETY: indices of a permutation are in the set; reached only through `DatCore::permute`,
    // under the turn and without guards.
    unsafe {
        let rows: Vec<T> = to_old.iter().map(|&old| load(core, old as usize)).collect();
        for (new, row) in rows.iter().enumerate() {
            store(core, new, row);
        }
    }
}

fn combine<T: Element>(core: &DatCore, access: Access, copy: *const u8, leaves: Range<usize>) {
    assert!(leaves.end <= core.set.rows() * T::DIM, "leaves of the dat");
    let own = core.storage().cast::<T::Leaf>();
    for i in leaves {
        // SAFETY: just checked; reached only through `DatCore::combine_leaves`, whose caller has
        // these leaves for itself and vouches for the copy.
        let (into, from) = unsafe { (&mut *own.add(i), &*copy.cast::<T::Leaf>().add(i)) };
        match access {
            Access::Inc => into.accumulate(from),
            Access::Min => into.take_min(from),
            Access::Max => into.take_max(from),
            Access::Read | Access::Write | Access::Rw => {}
        }
    }
}

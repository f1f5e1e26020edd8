//! The storage of a dat, whatever its types: local numbering, one of two layouts, perhaps mirrored in
//! the memory of a device.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, Ordering};

use crate::base::buffer::{Buffer, OutOfMemory};
use crate::base::element::{Element, ElementKind, bytes_of};
use crate::base::error::{Error, Result};
use crate::base::layout::Layout;
use crate::mesh::access::Access;
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
    buffer: Buffer,
    mirror: Mirror,
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

impl fmt::Debug for DatCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dat `{}`: {} on {:?}", self.name, self.kind, self.set)
    }
}

/// A dat with its values, in the present numbering, that nobody else knows yet.
pub(super) fn fill<T: Element>(
    name: &str,
    set: &Arc<SetCore>,
    values: Option<&[T]>,
    layout: Layout,
) -> Result<Arc<DatCore>> {
    let plain = (T::DIM == 1 || layout == Layout::Aos) && set.order().is_none();
    let buffer = match (values, set.size.checked_mul(size_of::<T>())) {
        (Some(values), _) if plain => Buffer::from_slice(bytes_of(values)),
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
        buffer,
        mirror: Mirror::default(),
        guards: AtomicIsize::new(0),
        non_finite: non_finite::<T>,
        permute: permute::<T>,
        combine: combine::<T>,
    });
    if let Some(values) = values
        && !plain
    {
        store_rows(&core, values);
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
            let leaf = base.cast::<T::Leaf>().add(c * core.set.size + element);
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
            let leaf = base.cast::<T::Leaf>().add(c * core.set.size + element);
            leaf.write(leaves.add(c).read());
        }
    }
}

/// All rows in the user's order.
pub(super) fn load_rows<T: Element>(core: &DatCore) -> Vec<T> {
    let order = core.set.order();
    let local = |user: usize| order.as_ref().map_or(user, |order| order.to_new()[user] as usize);
    // SAFETY: every index is in the set; the caller holds a guard or the turn.
    (0..core.set.size).map(|user| unsafe { load(core, local(user)) }).collect()
}

/// Stores all rows given in the user's order.
pub(super) fn store_rows<T: Element>(core: &DatCore, rows: &[T]) {
    let order = core.set.order();
    for (user, row) in rows.iter().enumerate() {
        let local = order.as_ref().map_or(user, |order| order.to_new()[user] as usize);
        // SAFETY: every index is in the set; the caller has the dat for itself.
        unsafe { store(core, local, row) };
    }
}

fn non_finite<T: Element>(core: &DatCore, element: usize) -> bool {
    assert!(element < core.set.size, "element inside the set");
    // SAFETY: just checked; reached only through `DatCore::has_non_finite`, under the turn.
    unsafe { load::<T>(core, element) }.has_non_finite()
}

fn permute<T: Element>(core: &DatCore, to_old: &[u32]) {
    assert_eq!(to_old.len(), core.set.size, "a permutation of the whole set");
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
    assert!(leaves.end <= core.set.size * T::DIM, "leaves of the dat");
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

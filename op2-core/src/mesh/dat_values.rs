//! The values of a dat once its type is known: the first ones, and one row at a time wherever its leaves lie.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicIsize;

use crate::base::buffer::{Buffer, OutOfMemory};
use crate::base::cell::BufferCell;
use crate::base::element::{Element, bytes_of};
use crate::base::error::{Error, Result};
use crate::base::layout::Layout;
use crate::mesh::access::Access;
use crate::mesh::dat_core::DatCore;
use crate::mesh::dat_rows::store_rows;
use crate::mesh::halo::Halo;
use crate::mesh::home::fresh_id;
use crate::mesh::mirror::Mirror;
use crate::mesh::set::SetCore;

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
pub(super) unsafe fn load<T: Element>(core: &DatCore, element: usize) -> T {
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
pub(super) unsafe fn store<T: Element>(core: &DatCore, element: usize, row: &T) {
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

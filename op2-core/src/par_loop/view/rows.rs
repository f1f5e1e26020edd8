//! Rows in memory and in staging: reading, writing and combining them.

use std::mem::MaybeUninit;

use super::{Binding, Placement};
use crate::base::element::Element;
use crate::mesh::access::{Access, Mode};

/// The staged rows of `L` elements.
#[repr(C, align(64))]
pub struct Rows<T, const L: usize>(MaybeUninit<[T; L]>);

impl<T: Element, const L: usize> Rows<T, L> {
    /// Rows of zeros: staging memory is always initialized.
    #[inline(always)]
    pub fn zeroed() -> Self {
        Self(MaybeUninit::zeroed())
    }

    #[inline(always)]
    pub(super) unsafe fn row(&mut self, lane: usize) -> *mut T {
        // SAFETY: the caller keeps lane < L.
        unsafe { self.0.as_mut_ptr().cast::<T>().add(lane) }
    }
}

/// Reads one row, wherever its leaves lie.
#[inline(always)]
pub(super) unsafe fn load<P: Placement, T: Element>(b: Binding, element: usize) -> T {
    // SAFETY: the element is in the dat's set; `scattered` is that set's size.
    unsafe {
        if !P::ANY || b.scattered == 0 {
            return b.data.cast::<T>().add(element).read();
        }
        let mut row = T::zeroed();
        for c in 0..T::DIM {
            let leaf = b.data.cast::<T::Leaf>().add(c * b.scattered + element);
            (&raw mut row).cast::<T::Leaf>().add(c).write(leaf.read());
        }
        row
    }
}

/// Writes one row, wherever its leaves lie.
#[inline(always)]
pub(super) unsafe fn store<P: Placement, T: Element>(b: Binding, element: usize, row: &T) {
    // SAFETY: as in `load`.
    unsafe {
        if !P::ANY || b.scattered == 0 {
            return b.data.cast::<T>().add(element).write(*row);
        }
        for c in 0..T::DIM {
            let leaf = b.data.cast::<T::Leaf>().add(c * b.scattered + element);
            leaf.write((&raw const *row).cast::<T::Leaf>().add(c).read());
        }
    }
}

/// Combines a result with the row that a map names.
#[inline(always)]
pub(super) unsafe fn merge<M: Mode, P: Placement, T: Element>(b: Binding, element: usize, row: &T) {
    // SAFETY: passed on to the caller.
    unsafe {
        match M::ACCESS {
            Access::Read => {}
            Access::Write | Access::Rw => store::<P, T>(b, element, row),
            Access::Inc | Access::Min | Access::Max => {
                let mut old: T = load::<P, T>(b, element);
                combine::<M, T>(&mut old, row);
                store::<P, T>(b, element, &old);
            }
        }
    }
}

/// `into` and `from` become one, as the mode says.
#[inline(always)]
pub(super) fn combine<M: Mode, T: Element>(into: &mut T, from: &T) {
    match M::ACCESS {
        Access::Inc => into.accumulate(from),
        Access::Min => into.take_min(from),
        Access::Max => into.take_max(from),
        Access::Read | Access::Write | Access::Rw => {}
    }
}

//! The element itself: its own row, its own number.

use super::rows::{load, store};
use super::{Binding, Elements, Placement, Rows, View};
use crate::base::element::Element;
use crate::mesh::access::Mode;

/// The element's own row.
#[derive(Clone, Copy)]
pub struct Direct;

/// The number of the element, in the user's numbering.
#[derive(Clone, Copy)]
pub struct Index;

// SAFETY: touches the rows of the given elements only.
unsafe impl<M: Mode, T: Element> View<M, T> for Direct {
    const SERIAL: bool = false;

    #[inline(always)]
    unsafe fn gather<P: Placement, E: Elements, const L: usize>(
        b: Binding,
        elements: E,
        position: usize,
        rows: &mut Rows<T, L>,
    ) {
        // What is only read stays where it is, unless its leaves are apart.
        if !M::GATHERS_DIRECT || (!M::ACCESS.writes() && !P::ANY) {
            return;
        }
        for l in 0..L {
            // SAFETY: the position is inside the work, the lane inside the staging.
            unsafe { rows.row(l).write(load::<P, T>(b, elements.at(position + l))) };
        }
    }

    #[inline(always)]
    unsafe fn source<P: Placement, E: Elements, const L: usize>(
        b: Binding,
        elements: E,
        position: usize,
        lane: usize,
        rows: &mut Rows<T, L>,
    ) -> *const T {
        // SAFETY: the position is inside the work, the lane inside the staging.
        unsafe {
            if P::ANY {
                rows.row(lane)
            } else {
                b.data.cast::<T>().add(elements.at(position + lane))
            }
        }
    }

    #[inline(always)]
    unsafe fn scatter<P: Placement, E: Elements, const L: usize>(
        b: Binding,
        elements: E,
        position: usize,
        rows: &mut Rows<T, L>,
    ) {
        if !M::ACCESS.writes() {
            return;
        }
        for l in 0..L {
            // SAFETY: the position is inside the work, the lane inside the staging.
            unsafe { store::<P, T>(b, elements.at(position + l), &*rows.row(l)) };
        }
    }
}

// SAFETY: touches only the table of numbers.
unsafe impl<M: Mode, T: Element> View<M, T> for Index {
    const SERIAL: bool = false;

    #[inline(always)]
    unsafe fn gather<P: Placement, E: Elements, const L: usize>(
        b: Binding,
        elements: E,
        position: usize,
        rows: &mut Rows<T, L>,
    ) {
        // The compiler has checked that T is u64; this is for the type system.
        if size_of::<T>() != size_of::<u64>() {
            return;
        }
        for l in 0..L {
            // SAFETY: numbers has an entry for every element; the lane holds eight bytes.
            unsafe {
                let element = elements.at(position + l);
                let number = if b.data.is_null() {
                    element as u64
                } else {
                    u64::from(*b.data.cast::<u32>().add(element))
                };
                rows.row(l).cast::<u64>().write_unaligned(number);
            }
        }
    }

    #[inline(always)]
    unsafe fn scatter<P: Placement, E: Elements, const L: usize>(
        _: Binding,
        _: E,
        _: usize,
        _: &mut Rows<T, L>,
    ) {
    }
}

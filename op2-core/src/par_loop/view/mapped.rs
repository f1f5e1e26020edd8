//! Rows that a map names: one entry, or all.

use std::marker::PhantomData;

use super::rows::{load, merge};
use super::{Binding, Elements, Picked, Placement, Rows, View};
use crate::base::element::Element;
use crate::mesh::access::{Access, Mode};

/// The row named by the entry that `R` picks from a map of arity `A`.
#[derive(Clone, Copy)]
pub struct Entry<R, const A: usize>(PhantomData<R>);

/// The rows named by all entries of a map.
#[derive(Clone, Copy)]
pub struct Whole;

/// Whether two lanes may disturb each other through a map.
const fn serial(access: Access) -> bool {
    matches!(access, Access::Rw | Access::Write)
}

/// What the kernel starts from: the gathered row, or zero where the mode has none.
#[inline(always)]
unsafe fn start<M: Mode, T: Element, const L: usize>(lane: usize, rows: &mut Rows<T, L>) -> T {
    if M::GATHERS_INDIRECT {
        // SAFETY: the caller keeps lane < L.
        unsafe { rows.row(lane).read() }
    } else {
        T::zeroed()
    }
}

// SAFETY: touches the rows named by one entry of the given elements only.
unsafe impl<M: Mode, T: Element, R: Picked, const A: usize> View<M, T> for Entry<R, A> {
    const SERIAL: bool = serial(M::ACCESS);

    #[inline(always)]
    unsafe fn gather<P: Placement, E: Elements, const L: usize>(
        b: Binding,
        elements: E,
        position: usize,
        rows: &mut Rows<T, L>,
    ) {
        if !M::GATHERS_INDIRECT {
            return;
        }
        for l in 0..L {
            // SAFETY: map entries were checked when the map was declared.
            unsafe {
                let row = named::<R, E, A>(b, elements, position + l);
                rows.row(l).write(load::<P, T>(b, row));
            }
        }
    }

    #[inline(always)]
    unsafe fn enter<const L: usize>(lane: usize, rows: &mut Rows<T, L>) -> T {
        // SAFETY: the caller keeps lane < L.
        unsafe { start::<M, T, L>(lane, rows) }
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
            // SAFETY: map entries were checked when the map was declared.
            unsafe {
                let row = named::<R, E, A>(b, elements, position + l);
                merge::<M, P, T>(b, row, &*rows.row(l));
            }
        }
    }
}

/// The row that the picked entry names.
#[inline(always)]
unsafe fn named<R: Picked, E: Elements, const A: usize>(
    b: Binding,
    elements: E,
    position: usize,
) -> usize {
    // SAFETY: the table has A entries for each element; what is picked was checked when the loop was
    // compiled.
    unsafe { *b.table.add(elements.at(position) * A + R::entry(elements, position)) as usize }
}

// SAFETY: touches the rows named by the given elements only.
unsafe impl<M: Mode, T: Element> View<M, T> for Whole {
    const SERIAL: bool = serial(M::ACCESS);

    #[inline(always)]
    unsafe fn gather<P: Placement, E: Elements, const L: usize>(
        b: Binding,
        elements: E,
        position: usize,
        rows: &mut Rows<T, L>,
    ) {
        if !M::GATHERS_INDIRECT {
            return;
        }
        for l in 0..L {
            // SAFETY: map entries were checked when the map was declared; a value of T is LEN items.
            unsafe {
                let items = rows.row(l).cast::<T::Item>();
                let entries = b.table.add(elements.at(position + l) * T::LEN);
                for a in 0..T::LEN {
                    items.add(a).write(load::<P, T::Item>(b, *entries.add(a) as usize));
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn enter<const L: usize>(lane: usize, rows: &mut Rows<T, L>) -> T {
        // SAFETY: the caller keeps lane < L.
        unsafe { start::<M, T, L>(lane, rows) }
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
            // SAFETY: as in `gather`.
            unsafe {
                let items = rows.row(l).cast::<T::Item>();
                let entries = b.table.add(elements.at(position + l) * T::LEN);
                for a in 0..T::LEN {
                    merge::<M, P, T::Item>(b, *entries.add(a) as usize, &*items.add(a));
                }
            }
        }
    }
}

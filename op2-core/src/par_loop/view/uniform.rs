//! One value for all elements, and the partial results of reductions.

use super::rows::combine;
use super::{Binding, Elements, Placement, Rows, View};
use crate::base::element::Element;
use crate::mesh::access::{Access, Mode};

/// One value for all elements: a global, a reduction, a plain value.
#[derive(Clone, Copy)]
pub struct Uniform;

// SAFETY: touches the one value, or the partial result of the block.
unsafe impl<M: Mode, T: Element> View<M, T> for Uniform {
    const SERIAL: bool = false;

    #[inline(always)]
    unsafe fn open<const L: usize>(b: Binding, partials: *mut u8) -> Rows<T, L> {
        let mut rows = Rows::zeroed();
        // SAFETY: the binding names a T; for reductions the block's scratch has one as well. Sums
        // start from zero in every lane and are added to the partial result at the end; minima and
        // maxima may start from it, however often.
        unsafe {
            let start = match M::ACCESS {
                Access::Inc => return rows,
                Access::Min | Access::Max => partials.add(b.partial).cast::<T>().read(),
                _ => b.data.cast::<T>().read(),
            };
            for l in 0..L {
                rows.row(l).write(start);
            }
        }
        rows
    }

    #[inline(always)]
    unsafe fn gather<P: Placement, E: Elements, const L: usize>(
        _: Binding,
        _: E,
        _: usize,
        _: &mut Rows<T, L>,
    ) {
    }

    #[inline(always)]
    unsafe fn source<P: Placement, E: Elements, const L: usize>(
        _: Binding,
        _: E,
        _: usize,
        _: usize,
        rows: &mut Rows<T, L>,
    ) -> *const T {
        // SAFETY: there is at least one lane, and all hold the same.
        unsafe { rows.row(0) }
    }

    #[inline(always)]
    unsafe fn scatter<P: Placement, E: Elements, const L: usize>(
        b: Binding,
        _: E,
        position: usize,
        rows: &mut Rows<T, L>,
    ) {
        if !matches!(M::ACCESS, Access::Inc) || b.table.is_null() {
            return;
        }
        // Terms are wanted one by one. The place of position 0 need not exist.
        let terms = b.table.cast::<T>().cast_mut();
        for l in 0..L {
            // SAFETY: there is room for a term of each position of the work; the lane is inside the
            // staging.
            unsafe {
                terms.wrapping_add(position + l).write(rows.row(l).read());
                rows.row(l).write(T::zeroed());
            }
        }
    }

    #[inline(always)]
    unsafe fn close<const L: usize>(b: Binding, rows: &mut Rows<T, L>, partials: *mut u8) {
        if !M::ACCESS.combines() {
            return;
        }
        // SAFETY: the block's scratch has a T at that place; L is a power of two.
        unsafe {
            let mut half = L / 2;
            while half > 0 {
                for l in 0..half {
                    let other = rows.row(l + half).read();
                    combine::<M, T>(&mut *rows.row(l), &other);
                }
                half /= 2;
            }
            combine::<M, T>(&mut *partials.add(b.partial).cast::<T>(), &*rows.row(0));
        }
    }

    unsafe fn combine_partial(b: Binding, into: *mut u8, from: *const u8) {
        if !M::ACCESS.combines() {
            return;
        }
        // SAFETY: both have a T at that place.
        unsafe {
            let from = from.add(b.partial).cast::<T>().read();
            combine::<M, T>(&mut *into.add(b.partial).cast::<T>(), &from);
        }
    }
}

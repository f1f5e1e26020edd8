//! Entries of a matrix: all that an element couples, or one of them.
//!
//! The binding's table holds the place of each entry among the matrix's values,
//! `[elements, row arity, column arity]`; `DROPPED` for entries that masked maps leave out.

use std::marker::PhantomData;

use super::rows::merge;
use super::{Binding, Elements, Picked, Placement, RowByRow, Rows, View};
use crate::base::element::Element;
use crate::matrix::entry::Entry;
use crate::matrix::table::DROPPED;
use crate::mesh::access::{Access, Mode};

/// The entries `N` of a matrix that one element couples through maps of arities `A` (rows) and `B`
/// (columns), which have holes or not (`K`).
#[derive(Clone, Copy)]
pub struct Tensor<N, K, const A: usize, const B: usize>(PhantomData<(N, K)>);

/// One of them: that of the row that `R` picks and the column that `C` picks.
#[derive(Clone, Copy)]
pub struct EntryOf<N, R, C, K, const A: usize, const B: usize>(PhantomData<(N, R, C, K)>);

/// A map all of whose entries lead somewhere.
#[derive(Clone, Copy)]
pub struct NoHoles;

/// A masked map.
#[derive(Clone, Copy)]
pub struct Holes;

/// Whether a map, or one of two, has holes.
pub trait Masking: Copy + 'static {
    /// Whether entries may have no place.
    const ANY: bool;
}

impl Masking for NoHoles {
    const ANY: bool = false;
}

impl Masking for Holes {
    const ANY: bool = true;
}

impl<K: Masking, L: Masking> Masking for (K, L) {
    const ANY: bool = K::ANY || L::ANY;
}

/// How far ahead places are fetched: a page, beyond which the hardware does not look by itself.
const AHEAD: usize = 4096;

/// Asks for the places of elements further on: they are read once, and nothing else waits for them.
#[inline(always)]
fn fetch_ahead(places: *const u32, count: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let bytes = count * size_of::<u32>();
        for line in 0..bytes.div_ceil(64) {
            let ahead = places.cast::<i8>().wrapping_add(AHEAD + line * 64);
            // SAFETY: a hint; addresses that do not exist are ignored.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(ahead) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (places, count, AHEAD);
}

/// Entry `(a, b)` of a kernel's tensor, which is nested, `[[N; B]; A]`, or flat: `[[S; B * COLS]; A *
/// ROWS]` with components beside each other.
#[inline(always)]
unsafe fn block<N: Entry, T: Element, const A: usize, const B: usize>(
    tensor: *const T,
    a: usize,
    b: usize,
) -> N {
    // SAFETY: the tensor is A * B blocks of ROWS * COLS scalars (checked in `Tensor::gather`).
    unsafe {
        if T::LEN == A {
            return tensor.cast::<N>().add(a * B + b).read();
        }
        let from = tensor.cast::<N::Scalar>();
        let mut block = N::zeroed();
        let into = (&raw mut block).cast::<N::Scalar>();
        for r in 0..N::ROWS {
            for c in 0..N::COLS {
                let component = from.add((a * N::ROWS + r) * (B * N::COLS) + b * N::COLS + c);
                into.add(r * N::COLS + c).write(component.read());
            }
        }
        block
    }
}

/// Whether a kernel's tensor has the rows and columns that the maps lead to.
const fn fits<N: Entry, T: Element>(a: usize, b: usize) -> bool {
    let nested = T::LEN == a && <T::Item as Element>::LEN == b;
    let flat = T::LEN == a * N::ROWS && <T::Item as Element>::LEN == b * N::COLS;
    size_of::<T>() == a * b * size_of::<N>() && (nested || flat)
}

/// Adds or writes one entry, unless it was left out.
#[inline(always)]
unsafe fn put<M: Mode, N: Entry, K: Masking>(b: Binding, place: u32, value: &N) {
    if K::ANY && place == DROPPED {
        return;
    }
    // SAFETY: places lie inside the matrix; its values lie one after the other.
    unsafe { merge::<M, RowByRow, N>(b, place as usize, value) };
}

// SAFETY: touches only the entries that the given elements couple.
unsafe impl<M: Mode, N: Entry, T: Element, K: Masking, const A: usize, const B: usize> View<M, T>
    for Tensor<N, K, A, B>
{
    const SERIAL: bool = matches!(M::ACCESS, Access::Rw);

    #[inline(always)]
    unsafe fn gather<P: Placement, E: Elements, const L: usize>(
        binding: Binding,
        elements: E,
        position: usize,
        _: &mut Rows<T, L>,
    ) {
        const {
            assert!(
                fits::<N, T>(A, B),
                "the kernel's tensor has other rows or columns than the maps lead to: [[T; columns]; rows], with the components of each row and column beside each other"
            );
        }
        // SAFETY: the position is inside the work.
        let first = unsafe { elements.at(position) } * (A * B);
        fetch_ahead(binding.table.wrapping_add(first), L * A * B);
    }

    #[inline(always)]
    unsafe fn enter<const L: usize>(_: usize, _: &mut Rows<T, L>) -> T {
        T::zeroed()
    }

    #[inline(always)]
    unsafe fn scatter<P: Placement, E: Elements, const L: usize>(
        binding: Binding,
        elements: E,
        position: usize,
        rows: &mut Rows<T, L>,
    ) {
        for l in 0..L {
            // SAFETY: the table has a place for each entry of each element; T is as `gather` checked.
            unsafe {
                let places = binding.table.add(elements.at(position + l) * (A * B));
                let tensor = rows.row(l).cast_const();
                for a in 0..A {
                    for b in 0..B {
                        let value = block::<N, T, A, B>(tensor, a, b);
                        put::<M, N, K>(binding, *places.add(a * B + b), &value);
                    }
                }
            }
        }
    }
}

// SAFETY: touches only the entries that the given elements couple.
unsafe impl<M, N, T, R, C, K, const A: usize, const B: usize> View<M, T>
    for EntryOf<N, R, C, K, A, B>
where
    M: Mode,
    N: Entry,
    T: Element,
    R: Picked,
    C: Picked,
    K: Masking,
{
    const SERIAL: bool = false;

    #[inline(always)]
    unsafe fn gather<P: Placement, E: Elements, const L: usize>(
        _: Binding,
        _: E,
        _: usize,
        _: &mut Rows<T, L>,
    ) {
        const { assert!(size_of::<T>() == size_of::<N>(), "the kernel takes one entry") };
    }

    #[inline(always)]
    unsafe fn enter<const L: usize>(_: usize, _: &mut Rows<T, L>) -> T {
        T::zeroed()
    }

    #[inline(always)]
    unsafe fn scatter<P: Placement, E: Elements, const L: usize>(
        binding: Binding,
        elements: E,
        position: usize,
        rows: &mut Rows<T, L>,
    ) {
        for l in 0..L {
            let at = position + l;
            let (a, b) = (R::entry(elements, at), C::entry(elements, at));
            // SAFETY: the table has a place for each entry of each element; picked entries are in
            // the maps (checked when the loop was compiled); T is one entry, as `gather` checked.
            unsafe {
                let place = *binding.table.add(elements.at(at) * (A * B) + a * B + b);
                put::<M, N, K>(binding, place, &rows.row(l).cast::<N>().read());
            }
        }
    }
}

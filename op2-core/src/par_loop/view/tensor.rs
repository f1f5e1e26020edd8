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
const PLACES_AHEAD: usize = 4096;

/// How many elements ahead values are fetched: by then their places have come.
const VALUES_AHEAD: usize = 24;

/// Asks for the memory at an address that may not even exist.
#[inline(always)]
fn fetch(address: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint; addresses that do not exist are ignored.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

/// Asks for the places of `count` elements further on: they are read once, and nothing else waits
/// for them.
#[inline(always)]
fn fetch_places<const A: usize, const B: usize>(b: Binding, first: usize, count: usize) {
    let places = b.table.wrapping_add(first * A * B).cast::<u8>();
    for line in 0..(count * A * B * size_of::<u32>()).div_ceil(64) {
        fetch(places.wrapping_add(PLACES_AHEAD + line * 64));
    }
}

/// Asks for the values of an element further on: one for each row, whose others lie nearby, or all
/// where each is a line of its own.
#[inline(always)]
unsafe fn fetch_values<N: Entry, const A: usize, const B: usize>(b: Binding, element: usize) {
    if element >= b.elements {
        return;
    }
    for row in 0..A {
        let all = 0..B;
        let one = row % B..row % B + 1;
        for col in if size_of::<N>() >= 64 { all } else { one } {
            // SAFETY: the table has places for this element.
            let place = unsafe { *b.table.add((element * A + row) * B + col) };
            fetch(b.data.wrapping_add(place as usize * size_of::<N>()));
        }
    }
}

/// Entry `(a, b)` of the kernel's tensor of one lane, among the staged numbers of `L` lanes. The
/// tensor is nested, `[[N; B]; A]`, or flat: `[[S; B * COLS]; A * ROWS]` with components beside each
/// other.
#[inline(always)]
unsafe fn block<N: Entry, T: Element, const A: usize, const B: usize, const L: usize>(
    staged: *const N::Scalar,
    lane: usize,
    (a, b): (usize, usize),
) -> N {
    let mut block = N::zeroed();
    let into = (&raw mut block).cast::<N::Scalar>();
    for r in 0..N::ROWS {
        for c in 0..N::COLS {
            let number = if T::LEN == A {
                ((a * B + b) * N::ROWS + r) * N::COLS + c
            } else {
                (a * N::ROWS + r) * (B * N::COLS) + b * N::COLS + c
            };
            // SAFETY: the tensor is A * B blocks of ROWS * COLS numbers (checked in
            // `Tensor::gather`), of which each has L places (`Tensor::leave`).
            unsafe { into.add(r * N::COLS + c).write(staged.add(number * L + lane).read()) };
        }
    }
    block
}

/// Whether a kernel's tensor has the rows and columns that the maps lead to.
const fn fits<N: Entry, T: Element>(a: usize, b: usize) -> bool {
    let nested = T::LEN == a && <T::Item as Element>::LEN == b;
    let flat = T::LEN == a * N::ROWS && <T::Item as Element>::LEN == b * N::COLS;
    let leaves = size_of::<T::Leaf>() == size_of::<N::Scalar>();
    size_of::<T>() == a * b * size_of::<N>() && leaves && (nested || flat)
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
        // SAFETY: the positions are inside the work; the table has places for the elements.
        unsafe {
            fetch_places::<A, B>(binding, elements.at(position), L);
            for l in 0..L {
                fetch_values::<N, A, B>(binding, elements.at(position + l) + VALUES_AHEAD);
            }
        }
    }

    #[inline(always)]
    unsafe fn enter<const L: usize>(_: usize, _: &mut Rows<T, L>) -> T {
        T::zeroed()
    }

    /// The same number of all lanes side by side: tensors are too wide for vectors to be taken
    /// apart in registers.
    #[inline(always)]
    unsafe fn leave<const L: usize>(lane: usize, rows: &mut Rows<T, L>, value: T) {
        // SAFETY: a value is DIM leaves, and there is room for L values; the caller keeps lane < L.
        unsafe {
            let staged = rows.row(0).cast::<T::Leaf>();
            let leaves = (&raw const value).cast::<T::Leaf>();
            for leaf in 0..T::DIM {
                staged.add(leaf * L + lane).write(leaves.add(leaf).read());
            }
        }
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
                let staged = rows.row(0).cast::<N::Scalar>().cast_const();
                for a in 0..A {
                    for b in 0..B {
                        let value = block::<N, T, A, B, L>(staged, l, (a, b));
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

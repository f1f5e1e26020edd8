//! Loops over the points of each element: for each, a kernel runs once per combination of the local
//! indices `i`, `j`, .. that the loop's arguments name.

use std::marker::PhantomData;

use super::{Binding, Elements, Placement, Rows, View};
use crate::base::element::Element;
use crate::mesh::access::Mode;

/// A local index that runs over `N` entries of a map.
#[derive(Clone, Copy)]
pub struct Extent<const N: usize>;

/// The local indices of a loop, as a tuple of [`Extent`]s; `()` for a loop without any.
pub trait Axes: Copy + 'static {
    /// How far each runs.
    const EXTENTS: &'static [usize];
    /// Points of each element.
    const POINTS: usize = product(Self::EXTENTS);
}

impl Axes for () {
    const EXTENTS: &'static [usize] = &[];
}

macro_rules! axes {
    ($($($name:ident)+;)*) => {$(
        #[allow(non_upper_case_globals)]
        impl<$(const $name: usize),+> Axes for ($(Extent<$name>,)+) {
            const EXTENTS: &'static [usize] = &[$($name),+];
        }
    )*};
}

axes! {
    I;
    I J;
    I J K;
    I J K L;
}

const fn product(mut extents: &[usize]) -> usize {
    let mut product = 1;
    while let [first, rest @ ..] = extents {
        product *= *first;
        extents = rest;
    }
    product
}

/// The points of each element one after the other, the last index running fastest.
#[derive(Clone, Copy)]
pub struct Points<E, X>(E, PhantomData<X>);

impl<E: Elements, X: Axes> Points<E, X> {
    /// The points of these elements.
    pub fn of(elements: E) -> Self {
        Self(elements, PhantomData)
    }
}

impl<E: Elements, X: Axes> Elements for Points<E, X> {
    const POINTS: usize = X::POINTS;

    #[inline(always)]
    unsafe fn at(self, position: usize) -> usize {
        // SAFETY: the work's positions are those of the elements, times the points of each.
        unsafe { self.0.at(position / X::POINTS) }
    }

    #[inline(always)]
    fn point(self, position: usize, axis: usize) -> usize {
        let stride = product(&X::EXTENTS[axis + 1..]);
        position / stride % X::EXTENTS[axis]
    }
}

/// The value of local index number `K`.
#[derive(Clone, Copy)]
pub struct Axis<const K: usize>;

// SAFETY: touches no data.
unsafe impl<M: Mode, T: Element, const K: usize> View<M, T> for Axis<K> {
    const SERIAL: bool = false;

    #[inline(always)]
    unsafe fn gather<P: Placement, E: Elements, const L: usize>(
        _: Binding,
        elements: E,
        position: usize,
        rows: &mut Rows<T, L>,
    ) {
        // The compiler has checked that T is u64; this is for the type system.
        if size_of::<T>() != size_of::<u64>() {
            return;
        }
        for l in 0..L {
            let value = elements.point(position + l, K) as u64;
            // SAFETY: the lane is inside the staging and holds eight bytes.
            unsafe { rows.row(l).cast::<u64>().write_unaligned(value) };
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

/// Entry `K` of a map.
#[derive(Clone, Copy)]
pub struct At<const K: usize>;

/// The entry of a map that local index number `K` names.
#[derive(Clone, Copy)]
pub struct Chosen<const K: usize>;

/// Which single entry of a map.
pub trait Picked: Copy + 'static {
    /// The entry, at a position of the loop.
    fn entry<E: Elements>(elements: E, position: usize) -> usize;
}

impl<const K: usize> Picked for At<K> {
    #[inline(always)]
    fn entry<E: Elements>(_: E, _: usize) -> usize {
        K
    }
}

impl<const K: usize> Picked for Chosen<K> {
    #[inline(always)]
    fn entry<E: Elements>(elements: E, position: usize) -> usize {
        elements.point(position, K)
    }
}

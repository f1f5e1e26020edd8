//! How a loop body reaches the values of one argument: gather, lend to the kernel, scatter.
//!
//! A body runs `L` elements at a time: it gathers the rows of all arguments into small arrays on
//! the stack, calls the kernel in a plain loop over these lanes (which the compiler turns into
//! vector code, because nothing in it can alias), and scatters the results one element after the
//! other, in order. With `L = 1` the same steps are the plain reference.
//!
//! Everything here trusts that the loop was validated: indices are in range, types fit.

mod direct;
mod mapped;
mod points;
mod rows;
mod tensor;
mod uniform;
mod work;

use std::marker::PhantomData;

use crate::base::element::Element;
use crate::mesh::access::Mode;

pub use direct::{Direct, Index};
pub use mapped::{Entry, Whole};
pub use points::{At, Axes, Axis, Chosen, Extent, Picked, Points};
pub use rows::Rows;
pub use tensor::{EntryOf, Holes, Masking, NoHoles, Tensor};
pub use uniform::Uniform;
pub use work::{AnyLayout, Binding, Elements, Listed, Placement, RowByRow, Span, Work};

/// How an argument of mode `M` and value type `T` is reached. The implementors are the ways in
/// which a loop can name data: [`Direct`], [`Entry`], [`Whole`], [`Tensor`], [`EntryOf`],
/// [`Uniform`], [`Index`], [`Axis`].
///
/// # Safety
/// Implementations must touch only what the binding names, and only rows of the given elements.
pub unsafe trait View<M: Mode, T: Element>: Copy + 'static {
    /// One element at a time is a must: two lanes may name one row that is read and written.
    const SERIAL: bool;

    /// Staging for `L` elements before the first block.
    ///
    /// # Safety
    /// The binding must be that of this argument.
    #[inline(always)]
    unsafe fn open<const L: usize>(_: Binding, _: *mut u8) -> Rows<T, L> {
        Rows::zeroed()
    }

    /// Fills the staging with what elements `position..position + L` start from.
    ///
    /// # Safety
    /// Positions must be inside the work.
    unsafe fn gather<P: Placement, E: Elements, const L: usize>(
        b: Binding,
        elements: E,
        position: usize,
        rows: &mut Rows<T, L>,
    );

    /// Where the kernel finds the value of one lane when it only reads it.
    ///
    /// # Safety
    /// After `gather`; lane < L.
    #[inline(always)]
    unsafe fn source<P: Placement, E: Elements, const L: usize>(
        _: Binding,
        _: E,
        _: usize,
        lane: usize,
        rows: &mut Rows<T, L>,
    ) -> *const T {
        // SAFETY: the caller's promise.
        unsafe { rows.row(lane) }
    }

    /// The value that the kernel changes in one lane, before the call.
    ///
    /// # Safety
    /// After `gather`; lane < L.
    #[inline(always)]
    unsafe fn enter<const L: usize>(lane: usize, rows: &mut Rows<T, L>) -> T {
        // SAFETY: the caller's promise.
        unsafe { rows.row(lane).read() }
    }

    /// Keeps what the kernel made of it.
    ///
    /// # Safety
    /// lane < L.
    #[inline(always)]
    unsafe fn leave<const L: usize>(lane: usize, rows: &mut Rows<T, L>, value: T) {
        // SAFETY: the caller's promise.
        unsafe { rows.row(lane).write(value) };
    }

    /// Puts the results of `L` elements back, in element order.
    ///
    /// # Safety
    /// After `gather` and `leave` of all lanes; no other thread touches these rows.
    unsafe fn scatter<P: Placement, E: Elements, const L: usize>(
        b: Binding,
        elements: E,
        position: usize,
        rows: &mut Rows<T, L>,
    );

    /// After the last block: combines the lanes' partial results.
    ///
    /// # Safety
    /// `partials` is the scratch of this block.
    #[inline(always)]
    unsafe fn close<const L: usize>(_: Binding, _: &mut Rows<T, L>, _: *mut u8) {}

    /// Combines this argument's partial results of two blocks.
    ///
    /// # Safety
    /// Both are scratch of this loop.
    unsafe fn combine_partial(_: Binding, _: *mut u8, _: *const u8) {}
}

/// A view as a value, so that its type can be inferred.
pub struct ViewOf<V>(PhantomData<fn() -> V>);

impl<V> ViewOf<V> {
    /// The only value.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<V> Clone for ViewOf<V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for ViewOf<V> {}

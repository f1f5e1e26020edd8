//! How a loop body reaches the values of one argument: gather, lend to the kernel, scatter.
//!
//! A body runs `L` elements at a time: it gathers the rows of all arguments into small arrays on
//! the stack, calls the kernel in a plain loop over these lanes (which the compiler turns into
//! vector code, because nothing in it can alias), and scatters the results one element after the
//! other, in order. With `L = 1` the same steps are the plain reference.
//!
//! Everything here trusts that the loop was validated: indices are in range, types fit.

use std::marker::PhantomData;
use std::mem::MaybeUninit;

use crate::base::element::Element;
use crate::mesh::access::{Access, Mode};

/// One argument of a loop, ready to run: raw pointers only.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// Dat storage, value of a global, or the user's numbers for an index argument (null: identity).
    pub data: *mut u8,
    /// The map's table, null without a map.
    pub table: *const u32,
    /// Elements of the dat's set where its leaves are scattered (structure of arrays), else 0.
    pub scattered: usize,
    /// Where this argument's partial result is in the block's scratch.
    pub partial: usize,
}

/// A stretch of a loop, for one call of a body.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    /// The arguments.
    pub bindings: *const Binding,
    /// The kernel's constants.
    pub constants: *const u8,
    /// Element of each position; null when position and element are the same.
    pub list: *const u32,
    /// First position.
    pub lo: usize,
    /// One after the last position.
    pub hi: usize,
    /// Partial results of the block's reductions.
    pub partials: *mut u8,
}

impl Work {
    /// One argument.
    ///
    /// # Safety
    /// `index` must be less than the number of arguments.
    #[inline(always)]
    pub unsafe fn binding(&self, index: usize) -> Binding {
        // SAFETY: the caller's promise.
        unsafe { *self.bindings.add(index) }
    }
}

/// Which element stands at a position of the loop.
pub trait Elements: Copy {
    /// The element at `position`.
    ///
    /// # Safety
    /// The position must be inside the work.
    unsafe fn at(self, position: usize) -> usize;
}

/// A whole set: position and element are the same.
#[derive(Clone, Copy)]
pub struct Span;

impl Elements for Span {
    #[inline(always)]
    unsafe fn at(self, position: usize) -> usize {
        position
    }
}

/// A subset, or nothing known: a list where there is one.
#[derive(Clone, Copy)]
pub struct Listed(pub *const u32);

impl Elements for Listed {
    #[inline(always)]
    unsafe fn at(self, position: usize) -> usize {
        if self.0.is_null() {
            position
        } else {
            // SAFETY: the list has an entry for every position of the work.
            unsafe { *self.0.add(position) as usize }
        }
    }
}

/// What is known of the dats' layouts when the body is compiled.
pub trait Placement: Copy {
    /// Whether dats may be scattered.
    const ANY: bool;
}

/// All dats lie row by row.
#[derive(Clone, Copy)]
pub struct RowByRow;

impl Placement for RowByRow {
    const ANY: bool = false;
}

/// Dats may lie in any layout.
#[derive(Clone, Copy)]
pub struct AnyLayout;

impl Placement for AnyLayout {
    const ANY: bool = true;
}

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
    unsafe fn row(&mut self, lane: usize) -> *mut T {
        // SAFETY: the caller keeps lane < L.
        unsafe { self.0.as_mut_ptr().cast::<T>().add(lane) }
    }
}

/// How an argument of mode `M` and value type `T` is reached. The implementors are the ways in
/// which a loop can name data: [`Direct`], [`Entry`], [`Whole`], [`Uniform`], [`Index`].
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

/// The element's own row.
#[derive(Clone, Copy)]
pub struct Direct;

/// The row named by entry `K` of a map of arity `A`.
#[derive(Clone, Copy)]
pub struct Entry<const A: usize, const K: usize>;

/// The rows named by all entries of a map.
#[derive(Clone, Copy)]
pub struct Whole;

/// One value for all elements: a global, a reduction, a plain value.
#[derive(Clone, Copy)]
pub struct Uniform;

/// The number of the element, in the user's numbering.
#[derive(Clone, Copy)]
pub struct Index;

/// Reads one row, wherever its leaves lie.
#[inline(always)]
unsafe fn load<P: Placement, T: Element>(b: Binding, element: usize) -> T {
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
unsafe fn store<P: Placement, T: Element>(b: Binding, element: usize, row: &T) {
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
unsafe fn merge<M: Mode, P: Placement, T: Element>(b: Binding, element: usize, row: &T) {
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
pub fn combine<M: Mode, T: Element>(into: &mut T, from: &T) {
    match M::ACCESS {
        Access::Inc => into.accumulate(from),
        Access::Min => into.take_min(from),
        Access::Max => into.take_max(from),
        Access::Read | Access::Write | Access::Rw => {}
    }
}

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

/// Whether two lanes may disturb each other through a map.
const fn serial(access: Access) -> bool {
    matches!(access, Access::Rw | Access::Write)
}

// SAFETY: touches the rows named by entry K of the given elements only.
unsafe impl<M: Mode, T: Element, const A: usize, const K: usize> View<M, T> for Entry<A, K> {
    const SERIAL: bool = serial(M::ACCESS);

    #[inline(always)]
    unsafe fn gather<P: Placement, E: Elements, const L: usize>(
        b: Binding,
        elements: E,
        position: usize,
        rows: &mut Rows<T, L>,
    ) {
        for l in 0..L {
            // SAFETY: map entries were checked when the map was declared.
            unsafe {
                let value = if M::GATHERS_INDIRECT {
                    let row = *b.table.add(elements.at(position + l) * A + K);
                    load::<P, T>(b, row as usize)
                } else {
                    T::zeroed()
                };
                rows.row(l).write(value);
            }
        }
    }

    #[inline(always)]
    unsafe fn enter<const L: usize>(lane: usize, rows: &mut Rows<T, L>) -> T {
        if M::GATHERS_INDIRECT {
            // SAFETY: the caller keeps lane < L.
            unsafe { rows.row(lane).read() }
        } else {
            T::zeroed()
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
            // SAFETY: map entries were checked when the map was declared.
            unsafe {
                let row = *b.table.add(elements.at(position + l) * A + K);
                merge::<M, P, T>(b, row as usize, &*rows.row(l));
            }
        }
    }
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
        if M::GATHERS_INDIRECT {
            // SAFETY: the caller keeps lane < L.
            unsafe { rows.row(lane).read() }
        } else {
            T::zeroed()
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
        _: Binding,
        _: E,
        _: usize,
        _: &mut Rows<T, L>,
    ) {
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

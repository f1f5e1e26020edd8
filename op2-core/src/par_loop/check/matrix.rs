//! Matrices: the maps to their rows and columns, and the entries that an element couples.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::kernel::Param;
use crate::matrix::entry::Entry;
use crate::matrix::mat::Mat;
use crate::mesh::map::{Map, MapCore};
use crate::mesh::masked::Masked;
use crate::mesh::subset::SubsetCore;
use crate::par_loop::arg::DataRef;
use crate::par_loop::check::data::IsData;
use crate::par_loop::check::map::{Ends, Entries, HasEntry, MapFacts};
use crate::par_loop::check::space::Over;
use crate::par_loop::view::{At, Chosen, Direct, EntryOf, Holes, NoHoles, Tensor, ViewOf};

/// A matrix with rows on set `R`, columns on set `C` and entries `T`.
pub struct MatFacts<R, C, T>(PhantomData<(R, C, T)>);

#[diagnostic::do_not_recommend]
impl<R, C, T: Entry> IsData<Direct, MatFacts<R, C, T>> for Mat<R, C, T> {
    fn data(&self) -> DataRef<'_> {
        DataRef::Mat(self.core())
    }
}

/// What is reached through two maps.
#[diagnostic::on_unimplemented(
    message = "only a matrix is reached through two maps, one to its rows and one to its columns",
    label = "a dat takes one map, a global or a value none"
)]
pub trait TwoMaps<R, C, T> {}
#[diagnostic::do_not_recommend]
impl<R, C, T> TwoMaps<R, C, T> for MatFacts<R, C, T> {}

/// Checks that an argument with two maps is a matrix.
pub fn through_two_maps<F: TwoMaps<R, C, T>, R, C, T>(
    _: PhantomData<F>,
) -> PhantomData<MatFacts<R, C, T>> {
    PhantomData
}

/// A map from `F` to `T` with `A` entries per element, some of which lead nowhere.
pub struct MaskedFacts<F, T, const A: usize>(PhantomData<fn() -> (F, T)>);

/// A map, and where it leads nowhere.
pub type Routed<'a> = (&'a Arc<MapCore>, Option<&'a Arc<SubsetCore>>);

/// A map to the rows or columns of a matrix.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a map",
    label = "expected a Map here, or a map `without` some of its target's elements"
)]
pub trait IsRoute<M> {
    /// The map, for running.
    fn route(&self) -> Routed<'_>;
}

#[diagnostic::do_not_recommend]
impl<F, T, const A: usize> IsRoute<MapFacts<F, T, A>> for Map<F, T, A> {
    fn route(&self) -> Routed<'_> {
        (self.core(), None)
    }
}

#[diagnostic::do_not_recommend]
impl<F, T, const A: usize> IsRoute<MaskedFacts<F, T, A>> for Masked<F, T, A> {
    fn route(&self) -> Routed<'_> {
        (self.map(), Some(self.mask()))
    }
}

#[diagnostic::do_not_recommend]
impl<M, X: IsRoute<M> + ?Sized> IsRoute<M> for &X {
    fn route(&self) -> Routed<'_> {
        (**self).route()
    }
}

#[diagnostic::do_not_recommend]
impl<M, X: IsRoute<M> + ?Sized> IsRoute<M> for Arc<X> {
    fn route(&self) -> Routed<'_> {
        (**self).route()
    }
}

/// Takes what the user named as a map to rows or columns.
pub fn route<X: IsRoute<M> + ?Sized, M>(x: &X) -> (Routed<'_>, PhantomData<M>) {
    (x.route(), PhantomData)
}

/// What a map to rows or columns connects.
pub trait Leads<F, T> {}
impl<F, T, const A: usize> Leads<F, T> for MapFacts<F, T, A> {}
impl<F, T, const A: usize> Leads<F, T> for MaskedFacts<F, T, A> {}

/// Takes the two ends of a map to rows or columns.
pub fn route_ends<G: Leads<F, T>, F, T>(_: PhantomData<G>) -> Ends<F, T> {
    (PhantomData, PhantomData)
}

/// How many entries a map to rows or columns has per element, and whether it has holes.
pub trait Arity<K, const A: usize> {}
impl<F, T, const A: usize> Arity<NoHoles, A> for MapFacts<F, T, A> {}
impl<F, T, const A: usize> Arity<Holes, A> for MaskedFacts<F, T, A> {}

/// The map starts at the loop's set `S` and leads to the matrix's rows `R`.
#[diagnostic::on_unimplemented(
    message = "this map leads from `{F}` to `{Self}`, but the loop runs over `{S}` and the matrix has `{R}` as rows",
    label = "not a map from `{S}` to `{R}`"
)]
pub trait LeadsToRows<R, F, S> {}
#[diagnostic::do_not_recommend]
impl<R, S> LeadsToRows<R, S, S> for R {}

/// Checks both ends of the map to the rows.
pub fn leads_to_rows<F, S, R, C, E, T: LeadsToRows<R, F, S>>(
    _: PhantomData<F>,
    _: PhantomData<Over<S>>,
    _: PhantomData<MatFacts<R, C, E>>,
    _: PhantomData<T>,
) {
}

/// The map starts at the loop's set `S` and leads to the matrix's columns `C`.
#[diagnostic::on_unimplemented(
    message = "this map leads from `{F}` to `{Self}`, but the loop runs over `{S}` and the matrix has `{C}` as columns",
    label = "not a map from `{S}` to `{C}`"
)]
pub trait LeadsToColumns<C, F, S> {}
#[diagnostic::do_not_recommend]
impl<C, S> LeadsToColumns<C, S, S> for C {}

/// Checks both ends of the map to the columns.
pub fn leads_to_columns<F, S, R, C, E, T: LeadsToColumns<C, F, S>>(
    _: PhantomData<F>,
    _: PhantomData<Over<S>>,
    _: PhantomData<MatFacts<R, C, E>>,
    _: PhantomData<T>,
) {
}

/// What the matrix takes through whole maps.
pub fn tensor<R, C, T, G, H, K, L, const A: usize, const B: usize>(
    _: PhantomData<MatFacts<R, C, T>>,
    _: PhantomData<G>,
    _: PhantomData<H>,
) -> PhantomData<[[T; B]; A]>
where
    G: Arity<K, A>,
    H: Arity<L, B>,
{
    PhantomData
}

/// The tensor of the matrix is the one that the kernel's parameter asks for; for entries that are
/// blocks, also with all components of all rows and columns beside each other.
#[diagnostic::on_unimplemented(
    message = "through these maps the matrix takes `{Self}`, but the kernel's parameter is `{T}`",
    label = "not `{T}`"
)]
pub trait HoldsTensor<T> {}
#[diagnostic::do_not_recommend]
impl<T> HoldsTensor<T> for T {}

macro_rules! flat_tensors {
    ($($scalar:ident)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<
            const COLUMNS: usize,
            const ROWS: usize,
            const C: usize,
            const R: usize,
            const B: usize,
            const A: usize,
        > HoldsTensor<[[$scalar; COLUMNS]; ROWS]> for [[[[$scalar; C]; R]; B]; A] {}
    )*};
}

flat_tensors!(f64 f32);

/// Checks the shape of a matrix's tensor.
pub fn holds_tensor<M, T, D: HoldsTensor<T>>(_: Param<M, T>, _: PhantomData<D>) {}

/// The view of a matrix through whole maps.
pub fn tensor_view<R, C, T, G, H, K, L, const A: usize, const B: usize>(
    _: PhantomData<MatFacts<R, C, T>>,
    _: PhantomData<G>,
    _: PhantomData<H>,
) -> ViewOf<Tensor<T, (K, L), A, B>>
where
    G: Arity<K, A>,
    H: Arity<L, B>,
{
    ViewOf::new()
}

/// What the matrix takes through one entry of each map.
pub fn entry_type<R, C, T>(_: PhantomData<MatFacts<R, C, T>>) -> PhantomData<T> {
    PhantomData
}

/// Checks that a literal entry exists.
pub fn has_entry<const N: usize, G: Arity<K, A>, K, const A: usize>(_: PhantomData<G>)
where
    Entries: HasEntry<N, A>,
{
}

/// Entry `N` of a map to rows or columns.
pub fn pick_at<const N: usize, G: Arity<K, A>, K, const A: usize>(
    _: PhantomData<G>,
) -> PhantomData<At<N>> {
    const {
        assert!(N < A, "this map has no such entry: they are numbered from 0");
    }
    PhantomData
}

/// The entry that local index number `N` names.
pub fn pick_chosen<const N: usize, G>(_: PhantomData<G>) -> PhantomData<Chosen<N>> {
    PhantomData
}

/// The view of a matrix through one entry of each map.
pub fn entry_of_view<R, C, T, G, H, P, Q, K, L, const A: usize, const B: usize>(
    _: PhantomData<MatFacts<R, C, T>>,
    _: (PhantomData<G>, PhantomData<P>),
    _: (PhantomData<H>, PhantomData<Q>),
) -> ViewOf<EntryOf<T, P, Q, (K, L), A, B>>
where
    G: Arity<K, A>,
    H: Arity<L, B>,
{
    ViewOf::new()
}

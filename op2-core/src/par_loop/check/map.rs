//! Maps: where they start, where they lead, which entries they have.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::mesh::map::{Map, MapCore};
use crate::par_loop::check::data::DatFacts;
use crate::par_loop::check::space::Over;
use crate::par_loop::view::{At, Chosen, Entry, ViewOf, Whole};

/// A map from `F` to `T` with `A` entries per element.
pub struct MapFacts<F, T, const A: usize>(PhantomData<fn() -> (F, T)>);

/// A map: for running, and its facts for the checks.
pub type Mapped<'a, M> = (&'a Arc<MapCore>, PhantomData<M>);

/// Takes what the user named as a map.
pub fn map<X: IsMap<M> + ?Sized, M>(x: &X) -> Mapped<'_, M> {
    (x.map(), PhantomData)
}

/// A map, or a reference to one.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a map", label = "expected a Map here")]
pub trait IsMap<M> {
    /// The map, for running.
    fn map(&self) -> &Arc<MapCore>;
}

#[diagnostic::do_not_recommend]
impl<F, T, const A: usize> IsMap<MapFacts<F, T, A>> for Map<F, T, A> {
    fn map(&self) -> &Arc<MapCore> {
        self.core()
    }
}

#[diagnostic::do_not_recommend]
impl<M, X: IsMap<M> + ?Sized> IsMap<M> for &X {
    fn map(&self) -> &Arc<MapCore> {
        (**self).map()
    }
}

#[diagnostic::do_not_recommend]
impl<M, X: IsMap<M> + ?Sized> IsMap<M> for Arc<X> {
    fn map(&self) -> &Arc<MapCore> {
        (**self).map()
    }
}

/// What a map connects, and how many entries it has per element.
pub trait Connects<F, T, const A: usize> {}
impl<F, T, const A: usize> Connects<F, T, A> for MapFacts<F, T, A> {}

/// Where a map starts, and where it leads.
pub type Ends<F, T> = (PhantomData<F>, PhantomData<T>);

/// Takes the two ends of a map.
pub fn ends<G: Connects<F, T, A>, F, T, const A: usize>(_: PhantomData<G>) -> Ends<F, T> {
    (PhantomData, PhantomData)
}

/// The map starts at the loop's set `S` and leads to the dat's set `D`. One rule for both ends: a
/// wrong map is one mistake.
#[diagnostic::on_unimplemented(
    message = "this map leads from `{F}` to `{Self}`, but the loop runs over `{S}` and the dat lives on `{D}`",
    label = "not a map from `{S}` to `{D}`"
)]
pub trait LeadsTo<D, F, S> {}
#[diagnostic::do_not_recommend]
impl<D, S> LeadsTo<D, S, S> for D {}

/// Checks both ends of a map.
pub fn leads_to<F, S, D, E, T: LeadsTo<D, F, S>>(
    _: PhantomData<F>,
    _: PhantomData<Over<S>>,
    _: PhantomData<DatFacts<D, E>>,
    _: PhantomData<T>,
) {
}

/// A map with `A` entries per element has an entry `K`; known for arities up to 32.
#[diagnostic::on_unimplemented(
    message = "a map with {A} entries per element has no entry {K}",
    label = "entries are numbered from 0"
)]
pub trait HasEntry<const K: usize, const A: usize> {}

/// The bearer of [`HasEntry`].
pub struct Entries;

/// Checks that a literal entry exists.
pub fn entry<const K: usize, G, F, T, const A: usize>(_: PhantomData<G>)
where
    G: Connects<F, T, A>,
    Entries: HasEntry<K, A>,
{
}

/// Arities one after the other: `[entries] arity, larger arities`.
macro_rules! entries {
    ([$($entry:literal)*]) => {};
    ([$($entry:literal)*] $arity:literal $($larger:literal)*) => {
        $(
            #[diagnostic::do_not_recommend]
            impl HasEntry<$entry, $arity> for Entries {}
        )*
        entries!([$($entry)* $arity] $($larger)*);
    };
}

entries!([0] 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32);

/// The view through entry `K` of a map; finds also what only const evaluation can see.
pub fn entry_view<const K: usize, F, T, const A: usize>(
    _: PhantomData<MapFacts<F, T, A>>,
) -> ViewOf<Entry<At<K>, A>> {
    const {
        assert!(K < A, "this map has no such entry: they are numbered from 0");
    }
    ViewOf::new()
}

/// The view through the entry of a map that local index number `K` names.
pub fn chosen_view<const K: usize, F, T, const A: usize>(
    _: PhantomData<MapFacts<F, T, A>>,
) -> ViewOf<Entry<Chosen<K>, A>> {
    ViewOf::new()
}

/// The view through all entries of a map.
pub fn whole_view() -> ViewOf<Whole> {
    ViewOf::new()
}

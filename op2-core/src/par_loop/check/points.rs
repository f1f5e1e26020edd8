//! Local indices: how far they run, and that all maps agree on it.

use std::marker::PhantomData;

use crate::par_loop::check::matrix::Arity;
use crate::par_loop::view::{Axis, Extent, ViewOf};

/// How far a local index runs: over the entries of the first map that it is used with.
pub fn extent<G: Arity<K, A>, K, const A: usize>(_: PhantomData<G>) -> Extent<A> {
    Extent
}

/// A local index means the same number of entries in all maps.
#[diagnostic::on_unimplemented(
    message = "this local index runs over {A} entries of another map, and this map has not as many",
    label = "use an index of its own for this map"
)]
pub trait RunsOver<const A: usize> {}
#[diagnostic::do_not_recommend]
impl<const A: usize> RunsOver<A> for Extent<A> {}

/// Checks a further use of a local index.
pub fn same_extent<const A: usize, E: RunsOver<A>>(_: Extent<A>, _: E) {}

/// The view of `index(i)`, where `i` is local index number `K`.
pub fn axis_view<const K: usize>() -> ViewOf<Axis<K>> {
    ViewOf::new()
}

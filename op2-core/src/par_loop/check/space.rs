//! What a loop runs over.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::mesh::set::Set;
use crate::mesh::subset::Subset;
use crate::par_loop::arg::SpaceRef;

/// The marker of the set that a loop runs over.
pub struct Over<S>(PhantomData<fn() -> S>);

/// What a loop runs over: the set for running, its marker for the checks.
pub type Space<'a, O> = (SpaceRef<'a>, PhantomData<O>);

/// Takes what the user named as the place of the loop.
pub fn space<X: IsSpace<O> + ?Sized, O>(x: &X) -> Space<'_, O> {
    (x.space(), PhantomData)
}

/// Something a loop can run over.
#[diagnostic::on_unimplemented(
    message = "a loop cannot run over `{Self}`",
    label = "expected a Set or a Subset"
)]
pub trait IsSpace<S> {
    /// The set, and the subset if there is one.
    fn space(&self) -> SpaceRef<'_>;
}

#[diagnostic::do_not_recommend]
impl<S> IsSpace<Over<S>> for Set<S> {
    fn space(&self) -> SpaceRef<'_> {
        SpaceRef { set: self.core(), subset: None }
    }
}

#[diagnostic::do_not_recommend]
impl<S> IsSpace<Over<S>> for Subset<S> {
    fn space(&self) -> SpaceRef<'_> {
        SpaceRef { set: &self.core().set, subset: Some(self.core()) }
    }
}

#[diagnostic::do_not_recommend]
impl<S, X: IsSpace<S> + ?Sized> IsSpace<S> for &X {
    fn space(&self) -> SpaceRef<'_> {
        (**self).space()
    }
}

#[diagnostic::do_not_recommend]
impl<S, X: IsSpace<S> + ?Sized> IsSpace<S> for Arc<X> {
    fn space(&self) -> SpaceRef<'_> {
        (**self).space()
    }
}

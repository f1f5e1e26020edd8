//! What a loop takes as arguments: dats, globals, reductions and plain values, and where they live.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::base::element::Element;
use crate::mesh::dat::Dat;
use crate::mesh::global::{Global, Reduction};
use crate::par_loop::arg::DataRef;
use crate::par_loop::check::space::Over;
use crate::par_loop::view::{Direct, Uniform, ViewOf};

/// A dat on set `S` with elements `T`.
pub struct DatFacts<S, T>(PhantomData<fn() -> (S, T)>);
/// A global or reduction of type `T`.
pub struct GlobalFacts<T>(PhantomData<fn() -> T>);
/// A plain value of type `T`.
pub struct ValueFacts<T>(PhantomData<fn() -> T>);

/// An argument: its data for running, how it is reached without a map, and its facts for the checks.
pub type Data<'a, V, F> = (DataRef<'a>, ViewOf<V>, PhantomData<F>);

/// Takes what the user named as an argument.
pub fn data<X: IsData<V, F> + ?Sized, V, F>(x: &X) -> Data<'_, V, F> {
    (x.data(), ViewOf::new(), PhantomData)
}

/// A number, truth value, array or element struct: it can be passed to a loop as it is.
pub trait Value: Element + IsData<Uniform, ValueFacts<Self>> {}

/// Something a loop can take as an argument; `V` is how it is reached without a map.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a loop",
    label = "expected a Dat, a Mat, a Global, a Reduction or a plain value"
)]
pub trait IsData<V, F> {
    /// What it is, for running.
    fn data(&self) -> DataRef<'_>;
}

#[diagnostic::do_not_recommend]
impl<S, T: Element> IsData<Direct, DatFacts<S, T>> for Dat<S, T> {
    fn data(&self) -> DataRef<'_> {
        DataRef::Dat(self.core())
    }
}

#[diagnostic::do_not_recommend]
impl<T: Element> IsData<Uniform, GlobalFacts<T>> for Global<T> {
    fn data(&self) -> DataRef<'_> {
        DataRef::Global(self.core())
    }
}

#[diagnostic::do_not_recommend]
impl<T: Element> IsData<Uniform, GlobalFacts<T>> for Reduction<T> {
    fn data(&self) -> DataRef<'_> {
        DataRef::Global(self.core())
    }
}

#[diagnostic::do_not_recommend]
impl<V, F, X: IsData<V, F> + ?Sized> IsData<V, F> for &X {
    fn data(&self) -> DataRef<'_> {
        (**self).data()
    }
}

#[diagnostic::do_not_recommend]
impl<V, F, X: IsData<V, F> + ?Sized> IsData<V, F> for Arc<X> {
    fn data(&self) -> DataRef<'_> {
        (**self).data()
    }
}

/// Lets a type be passed to loops by value: its generic parameters, conditions and name.
#[doc(hidden)]
#[macro_export]
macro_rules! __value {
    ([$($generics:tt)*] [$($where:tt)*] $ty:ty) => {
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> $crate::par_loop::check::IsData<
            $crate::par_loop::view::Uniform,
            $crate::par_loop::check::ValueFacts<$ty>,
        > for $ty
        where
            $($where)*
        {
            fn data(&self) -> $crate::par_loop::arg::DataRef<'_> {
                $crate::par_loop::arg::DataRef::value(self)
            }
        }
        impl<$($generics)*> $crate::par_loop::check::Value for $ty where $($where)* {}
    };
}

__value!([] [] f64);
__value!([] [] f32);
__value!([] [] i32);
__value!([] [] i64);
__value!([] [] u32);
__value!([] [] u64);
__value!([] [] u8);
__value!([] [] bool);
__value!([T: Value, const N: usize] [] [T; N]);

/// What is reached directly or through one map.
#[diagnostic::on_unimplemented(
    message = "a matrix is reached through two maps, one to its rows and one to its columns",
    label = "write `matrix(Inc, rows, columns)`"
)]
pub trait AtMostOneMap<G> {}
#[diagnostic::do_not_recommend]
impl<S, T> AtMostOneMap<DatFacts<S, T>> for DatFacts<S, T> {}
#[diagnostic::do_not_recommend]
impl<T> AtMostOneMap<GlobalFacts<T>> for GlobalFacts<T> {}
#[diagnostic::do_not_recommend]
impl<T> AtMostOneMap<ValueFacts<T>> for ValueFacts<T> {}

/// Checks that an argument without a second map is no matrix.
pub fn without_two_maps<F: AtMostOneMap<G>, G>(_: PhantomData<F>) -> PhantomData<G> {
    PhantomData
}

/// What can be reached through a map: the set it lives on.
#[diagnostic::on_unimplemented(
    message = "only a dat is reached through a map: a global or a value belongs to no set",
    label = "remove the map from this argument"
)]
pub trait Reached<S, T> {}
#[diagnostic::do_not_recommend]
impl<S, T> Reached<S, T> for DatFacts<S, T> {}

/// Checks that an argument with a map is a dat.
pub fn through_a_map<F: Reached<S, T>, S, T>(_: PhantomData<F>) -> PhantomData<DatFacts<S, T>> {
    PhantomData
}

/// Where an argument without a map lives, in a loop over `S`: a global or a value wherever the loop is.
pub trait Lives<S, H> {}
impl<S, D, T> Lives<S, D> for DatFacts<D, T> {}
impl<S, T> Lives<S, S> for GlobalFacts<T> {}
impl<S, T> Lives<S, S> for ValueFacts<T> {}

/// The home of an argument without a map.
pub fn home<S, F: Lives<S, H>, H>(_: PhantomData<Over<S>>, _: PhantomData<F>) -> PhantomData<H> {
    PhantomData
}

/// The dat lives on the set that the loop runs over.
#[diagnostic::on_unimplemented(
    message = "the loop runs over `{S}`, but this dat lives on `{Self}`",
    label = "reach it through a map: `dat(Mode, map[k])`"
)]
pub trait LivesOn<S> {}
#[diagnostic::do_not_recommend]
impl<S> LivesOn<S> for S {}

/// Checks the set of an argument without a map.
pub fn lives_on<S, H: LivesOn<S>>(_: PhantomData<Over<S>>, _: PhantomData<H>) {}

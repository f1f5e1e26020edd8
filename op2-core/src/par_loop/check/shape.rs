//! The values that arguments hold, against the parameters of the kernel.

use std::marker::PhantomData;

use crate::kernel::Param;
use crate::par_loop::check::data::{DatFacts, GlobalFacts, ValueFacts};
use crate::par_loop::check::map::MapFacts;
use crate::par_loop::view::{Index, ViewOf};

/// What an argument holds per element, or in all.
pub trait Holds<T> {}
impl<S, T> Holds<T> for DatFacts<S, T> {}
impl<T> Holds<T> for GlobalFacts<T> {}
impl<T> Holds<T> for ValueFacts<T> {}

/// The value of an argument without a map, or with one entry of it.
pub fn item<F: Holds<T>, T>(_: PhantomData<F>) -> PhantomData<T> {
    PhantomData
}

/// The element type is the one that the kernel's parameter asks for.
#[diagnostic::on_unimplemented(
    message = "this argument holds `{Self}`, but the kernel's parameter is `{T}`",
    label = "not `{T}`"
)]
pub trait HoldsType<T> {}
#[diagnostic::do_not_recommend]
impl<T> HoldsType<T> for T {}

/// Checks the element type.
pub fn holds<M, T, D: HoldsType<T>>(_: Param<M, T>, _: PhantomData<D>) {}

/// Values of type `D` through all entries of a map make `R`.
pub trait Rows<D, R> {}
impl<F, T, D, const A: usize> Rows<D, [D; A]> for MapFacts<F, T, A> {}

/// The value of an argument through all entries of a map.
pub fn rows<G: Rows<D, R>, S, D, R>(
    _: PhantomData<DatFacts<S, D>>,
    _: PhantomData<G>,
) -> PhantomData<R> {
    PhantomData
}

/// All entries of the map together have the type that the kernel's parameter asks for.
#[diagnostic::on_unimplemented(
    message = "all entries of this map make `{Self}`, but the kernel's parameter is `{T}`",
    label = "pass one entry with `map[k]`, or change the parameter"
)]
pub trait HoldsRows<T> {}
#[diagnostic::do_not_recommend]
impl<T> HoldsRows<T> for T {}

/// Checks the shape of an argument through all entries of a map.
pub fn holds_rows<M, T, R: HoldsRows<T>>(_: Param<M, T>, _: PhantomData<R>) {}

/// The parameter for `index()` is `&u64`.
#[diagnostic::on_unimplemented(
    message = "`index()` passes the element's number as `u64`, but the kernel's parameter is `{Self}`",
    label = "the parameter must be `&u64`"
)]
pub trait IsNumber {}
#[diagnostic::do_not_recommend]
impl IsNumber for u64 {}

/// Checks the parameter that `index()` goes to.
pub fn index<M, T: IsNumber>(_: Param<M, T>) {}

/// The view of `index()`.
pub fn index_view() -> ViewOf<Index> {
    ViewOf::new()
}

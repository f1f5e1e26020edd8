//! The rules that the compiler proves, one trait and one function each.
//!
//! `par_loop!` calls these functions in a block that never runs, with the spans of the user's
//! tokens. Each rule is a trait with one blanket implementation; where it does not hold, the trait's
//! message speaks of the mesh. What is not the kernel's, the dat's or the map's business is left
//! to type inference, so that one mistake gives one error.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::base::element::Element;
use crate::kernel::{Kernel, Param, Tag};
use crate::mesh::access::{Mode, mode};
use crate::mesh::dat::Dat;
use crate::mesh::global::{Global, Reduction};
use crate::mesh::map::Map;
use crate::mesh::set::{Set, Subset};
use crate::par_loop::arg::{DataRef, SpaceRef};
use crate::par_loop::body::{Body, Code, LoopBody};
use crate::par_loop::view::{Direct, Entry, Index, Uniform, ViewOf, Whole};

/// A kernel whose number of parameters was checked, with one [`Param`] per parameter as a tuple.
pub struct Opened<K, P> {
    kernel: PhantomData<fn() -> K>,
    params: P,
}

impl<K, P> Opened<K, P> {
    /// Made by the kernel macro.
    pub fn new(params: P) -> Self {
        Self { kernel: PhantomData, params }
    }
}

/// The kernel has `N` parameters, described by `O`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not take {N} arguments",
    label = "this kernel has another number of parameters than the loop has arguments"
)]
pub trait Takes<const N: usize, O>: Kernel {
    /// The parameters.
    fn open() -> O;
}

/// Checks the number of arguments.
pub fn open<const N: usize, K: Takes<N, O>, O>(_: Tag<K>) -> O {
    K::open()
}

/// Something with parameters `P`.
pub trait HasParams<P> {
    /// A copy of them.
    fn params(&self) -> P;
}

impl<K, P: Copy> HasParams<P> for Opened<K, P> {
    fn params(&self) -> P {
        self.params
    }
}

/// The parameters, for the checks.
pub fn params<O: HasParams<P>, P>(opened: &O) -> P {
    opened.params()
}

/// The code of the loop.
pub fn body<O, V>(_: &O, _: V) -> &'static dyn LoopBody
where
    O: Compiles<V>,
{
    O::body()
}

/// The kernel can be compiled for these views.
pub trait Compiles<V> {
    /// The code.
    fn body() -> &'static dyn LoopBody;
}

// ---------------------------------------------------------------------------------------------
// Spaces

/// The marker of the set that a loop runs over.
pub struct Over<S>(PhantomData<fn() -> S>);

/// Something a loop can run over.
#[diagnostic::on_unimplemented(
    message = "a loop cannot run over `{Self}`",
    label = "not a set or subset"
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

/// What the loop runs over, for the checks.
pub fn over<X: IsSpace<O> + ?Sized, O>(_: &X) -> PhantomData<O> {
    PhantomData
}

/// What the loop runs over, for running.
pub fn space<X: IsSpace<O> + ?Sized, O>(x: &X) -> SpaceRef<'_> {
    x.space()
}

// ---------------------------------------------------------------------------------------------
// Data

/// A dat on set `S` with elements `T`.
pub struct DatFacts<S, T>(PhantomData<fn() -> (S, T)>);
/// A global or reduction of type `T`.
pub struct GlobalFacts<T>(PhantomData<fn() -> T>);
/// A plain value of type `T`.
pub struct ValueFacts<T>(PhantomData<fn() -> T>);

/// A number, truth value, array or element struct: it can be passed to a loop as it is.
pub trait Value: Element + IsData<Uniform, ValueFacts<Self>> {}

/// Something a loop can take as an argument; `V` is how it is reached without a map.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a loop",
    label = "expected a Dat, a Global, a Reduction or a plain value"
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

/// Lets a type be passed to loops by value.
#[doc(hidden)]
#[macro_export]
macro_rules! __value {
    ([$($generics:tt)*] $ty:ty) => {
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> $crate::par_loop::check::IsData<
            $crate::par_loop::view::Uniform,
            $crate::par_loop::check::ValueFacts<$ty>,
        > for $ty {
            fn data(&self) -> $crate::par_loop::arg::DataRef<'_> {
                $crate::par_loop::arg::DataRef::value(self)
            }
        }
        impl<$($generics)*> $crate::par_loop::check::Value for $ty {}
    };
}

__value!([] f64);
__value!([] f32);
__value!([] i32);
__value!([] i64);
__value!([] u32);
__value!([] u64);
__value!([] u8);
__value!([] bool);
__value!([T: Value, const N: usize] [T; N]);

/// What an argument is, for the checks: how it is reached directly, and its facts.
pub fn data<X: IsData<V, F> + ?Sized, V, F>(_: &X) -> (ViewOf<V>, PhantomData<F>) {
    (ViewOf::new(), PhantomData)
}

/// What an argument is, for running.
pub fn data_ref<X: IsData<V, F> + ?Sized, V, F>(x: &X) -> DataRef<'_> {
    x.data()
}

// ---------------------------------------------------------------------------------------------
// Maps

/// A map from `F` to `T` with `A` entries per element.
pub struct MapFacts<F, T, const A: usize>(PhantomData<fn() -> (F, T)>);

/// A map, or a reference to one.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a map", label = "expected a Map here")]
pub trait IsMap<M> {
    /// The map, for running.
    fn map(&self) -> &Arc<crate::mesh::map::MapCore>;
}

#[diagnostic::do_not_recommend]
impl<F, T, const A: usize> IsMap<MapFacts<F, T, A>> for Map<F, T, A> {
    fn map(&self) -> &Arc<crate::mesh::map::MapCore> {
        self.core()
    }
}

#[diagnostic::do_not_recommend]
impl<M, X: IsMap<M> + ?Sized> IsMap<M> for &X {
    fn map(&self) -> &Arc<crate::mesh::map::MapCore> {
        (**self).map()
    }
}

#[diagnostic::do_not_recommend]
impl<M, X: IsMap<M> + ?Sized> IsMap<M> for Arc<X> {
    fn map(&self) -> &Arc<crate::mesh::map::MapCore> {
        (**self).map()
    }
}

/// What a map is, for the checks.
pub fn map<X: IsMap<M> + ?Sized, M>(_: &X) -> PhantomData<M> {
    PhantomData
}

/// What a map is, for running.
pub fn map_ref<X: IsMap<M> + ?Sized, M>(x: &X) -> &Arc<crate::mesh::map::MapCore> {
    x.map()
}

/// The view through entry `K` of a map.
pub fn entry_view<const K: usize, F, T, const A: usize>(
    _: PhantomData<MapFacts<F, T, A>>,
) -> ViewOf<Entry<A, K>> {
    const {
        assert!(K < A, "map[k]: k must be less than the map's arity");
    }
    ViewOf::new()
}

/// The view through all entries of a map.
pub fn whole_view() -> ViewOf<Whole> {
    ViewOf::new()
}

/// The view of `index()`.
pub fn index_view() -> ViewOf<Index> {
    ViewOf::new()
}

/// The set of the loop is where the map starts.
#[diagnostic::on_unimplemented(
    message = "the loop runs over `{S}`, but this map starts at `{Self}`",
    label = "not a map from `{S}`"
)]
pub trait StartsAt<S> {}
#[diagnostic::do_not_recommend]
impl<S> StartsAt<S> for S {}

/// Checks where a map starts.
pub fn starts_at<S, F: StartsAt<S>, T, const A: usize>(
    _: PhantomData<Over<S>>,
    _: PhantomData<MapFacts<F, T, A>>,
) {
}

/// The map leads to the set of the dat.
#[diagnostic::on_unimplemented(
    message = "the dat lives on `{S}`, but this map leads to `{Self}`",
    label = "not a map to `{S}`"
)]
pub trait LeadsTo<S> {}
#[diagnostic::do_not_recommend]
impl<S> LeadsTo<S> for S {}

/// What can be reached through a map: the set it lives on.
#[diagnostic::on_unimplemented(
    message = "only dats are reached through a map: a global or a value belongs to no set",
    label = "remove the map from this argument"
)]
pub trait Mapped<S, T> {}
impl<S, T> Mapped<S, T> for DatFacts<S, T> {}

/// Checks that an argument with a map is a dat.
pub fn mapped<F: Mapped<S, T>, S, T>(_: PhantomData<F>) -> PhantomData<DatFacts<S, T>> {
    PhantomData
}

/// Checks where a map leads.
pub fn leads_to<S, E, F, T: LeadsTo<S>, const A: usize>(
    _: PhantomData<DatFacts<S, E>>,
    _: PhantomData<MapFacts<F, T, A>>,
) {
}

/// A map's arity, as a type.
pub struct Arity<const A: usize>;

/// A map of this arity has an entry `K`.
#[diagnostic::on_unimplemented(
    message = "this map has no entry {K}",
    label = "{Self} entries are numbered from 0"
)]
pub trait HasEntry<const K: usize> {}

/// The literal entry exists.
pub fn entry<const K: usize, F, T, const A: usize>(_: PhantomData<MapFacts<F, T, A>>)
where
    Arity<A>: HasEntry<K>,
{
}

macro_rules! entries {
    ($($arity:literal: $($k:literal)*;)*) => {$($(
        #[diagnostic::do_not_recommend]
        impl HasEntry<$k> for Arity<$arity> {}
    )*)*};
}

entries! {
    1: 0;
    2: 0 1;
    3: 0 1 2;
    4: 0 1 2 3;
    5: 0 1 2 3 4;
    6: 0 1 2 3 4 5;
    7: 0 1 2 3 4 5 6;
    8: 0 1 2 3 4 5 6 7;
    9: 0 1 2 3 4 5 6 7 8;
    10: 0 1 2 3 4 5 6 7 8 9;
    11: 0 1 2 3 4 5 6 7 8 9 10;
    12: 0 1 2 3 4 5 6 7 8 9 10 11;
    13: 0 1 2 3 4 5 6 7 8 9 10 11 12;
    14: 0 1 2 3 4 5 6 7 8 9 10 11 12 13;
    15: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14;
    16: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15;
    18: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17;
    20: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19;
    24: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23;
    27: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26;
}

// ---------------------------------------------------------------------------------------------
// Directness, modes, shapes

/// The dat lives on the set that the loop runs over.
#[diagnostic::on_unimplemented(
    message = "the loop runs over `{S}`, but this dat lives on `{Self}`",
    label = "reach it through a map: `dat(Mode, map[k])`"
)]
pub trait LivesOn<S> {}
#[diagnostic::do_not_recommend]
impl<S> LivesOn<S> for S {}

/// Whether an argument without a map may stand in a loop over `S`.
pub trait Stands<S> {}
impl<S, D: LivesOn<S>, T> Stands<S> for DatFacts<D, T> {}
impl<S, T> Stands<S> for GlobalFacts<T> {}
impl<S, T> Stands<S> for ValueFacts<T> {}

/// Checks the set of a direct argument.
pub fn lives_on<S, F: Stands<S>>(_: PhantomData<Over<S>>, _: PhantomData<F>) {}

/// The loop's mode is the one that the kernel's parameter asks for.
#[diagnostic::on_unimplemented(
    message = "the loop passes this argument as `{Self}`, but the kernel's parameter is `{M}`",
    label = "the mode must be that of the parameter"
)]
pub trait ModeIs<M> {}
#[diagnostic::do_not_recommend]
impl<M> ModeIs<M> for M {}

/// Checks the mode.
pub fn mode<L: ModeIs<M>, M, T>(_: Param<M, T>) {}

/// A mode that this kind of data allows.
#[diagnostic::on_unimplemented(
    message = "{Self} cannot be passed as `{M}`",
    label = "a global or reduction takes Read, Inc, Min or Max; a plain value takes Read"
)]
pub trait Allows<M> {}
impl<M: Mode, S, T> Allows<M> for DatFacts<S, T> {}
impl<T> Allows<mode::Read> for GlobalFacts<T> {}
impl<T> Allows<mode::Inc> for GlobalFacts<T> {}
impl<T> Allows<mode::Min> for GlobalFacts<T> {}
impl<T> Allows<mode::Max> for GlobalFacts<T> {}
impl<T> Allows<mode::Read> for ValueFacts<T> {}

/// Checks that the kind of data allows the mode.
pub fn allows<M, F: Allows<M>>(_: PhantomData<F>) {}

/// The element type is the one that the kernel's parameter asks for.
#[diagnostic::on_unimplemented(
    message = "this argument holds `{Self}`, but the kernel's parameter is `{T}`",
    label = "element types differ"
)]
pub trait HoldsType<T> {}
#[diagnostic::do_not_recommend]
impl<T> HoldsType<T> for T {}

/// The element type of an argument without a map, or with one entry of it.
pub trait Holds<T> {}
impl<S, D: HoldsType<T>, T> Holds<T> for DatFacts<S, D> {}
impl<D: HoldsType<T>, T> Holds<T> for GlobalFacts<D> {}
impl<D: HoldsType<T>, T> Holds<T> for ValueFacts<D> {}

/// Checks the element type.
pub fn holds<M, T, F: Holds<T>>(_: Param<M, T>, _: PhantomData<F>) {}

/// All entries of the map together have the type that the kernel's parameter asks for.
#[diagnostic::on_unimplemented(
    message = "all entries of this map make `{Self}`, but the kernel's parameter is `{T}`",
    label = "pass one entry with `map[k]`, or change the parameter"
)]
pub trait HoldsRows<T> {}
#[diagnostic::do_not_recommend]
impl<T> HoldsRows<T> for T {}

/// Checks the shape of a whole-map argument.
pub fn holds_rows<M, T, S, D, F, To, const A: usize>(
    _: Param<M, T>,
    _: PhantomData<DatFacts<S, D>>,
    _: PhantomData<MapFacts<F, To, A>>,
) where
    [D; A]: HoldsRows<T>,
{
}

/// The parameter for `index()` is `&u64`.
#[diagnostic::on_unimplemented(
    message = "`index()` passes the element's number as `&u64`, but the kernel's parameter holds `{Self}`",
    label = "the parameter must be `&u64`"
)]
pub trait IsNumber {}
impl IsNumber for u64 {}

/// Checks the parameter that `index()` goes to.
pub fn index<T: IsNumber>(_: Param<mode::Read, T>) {}

/// What a struct of `derive(Element)` may be made of.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of an element",
    label = "not plain data",
    note = "fields are f64, f32, i32, i64, u32, u64, u8, arrays of these, and element structs; a truth value is a u8"
)]
pub trait ElementField {}
#[diagnostic::do_not_recommend]
impl<T: Element + bytemuck::Pod> ElementField for T {}

/// A type that stands for a number in a kernel.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is used as a number in a kernel, but it is none",
    label = "no target knows the arithmetic of this type"
)]
pub trait IsScalar {}

macro_rules! scalars {
    ($($ty:ty),*) => {$(impl IsScalar for $ty {})*};
}

scalars!(f64, f32, i8, i16, i32, i64, isize, u8, u16, u32, u64, usize, bool);

/// Checks that a type's name means a number.
pub fn scalar<T: IsScalar>() {}

/// Nothing is this: a kernel sees parameters, its own variables and constants.
#[diagnostic::on_unimplemented(
    message = "a kernel cannot use this name from outside",
    label = "neither a parameter nor a variable of the kernel",
    note = "constants are declared with `op2::constants!` or `const` and named in capitals; functions are only called"
)]
pub trait KnownInKernels {}

/// Refuses a value from outside a kernel.
pub fn outside<T: KnownInKernels>(_: &T) {}

// The kernel macro implements `Takes` with `Opened`; this turns it into code.
impl<K: Code<V>, P, V: 'static> Compiles<V> for Opened<K, P> {
    fn body() -> &'static dyn LoopBody {
        const { &Body::<K, V>::new() }
    }
}

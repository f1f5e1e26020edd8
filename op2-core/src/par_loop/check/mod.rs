//! The rules that the compiler proves, one trait and one function each.
//!
//! `par_loop!` calls these functions in a block that never runs, with the spans of the user's
//! tokens. Each rule is a trait whose message speaks of the mesh. One mistake gives one error:
//!
//! - Witnesses carry types, not values; what the user named is turned into a witness once, by
//!   [`space`](space::space), [`data`](data::data), [`map`](map::map) and [`open`]. Where that fails,
//!   the witness stays open, and all rules about it keep silent.
//! - An identity rule (`impl<T> HoldsType<T> for T`) takes its `Self` from the *last* witness of the
//!   call: with `Self` open the compiler waits; were it known first, the compiler would take the
//!   rule for granted and then speak of mismatched types.
//! - A rule that only some kinds of data know is asked in two steps: a function takes from the
//!   witness what the rule is about, another checks that. The message then has no chain of
//!   implementations behind it.

mod data;
mod map;
mod matrix;
mod modes;
mod names;
mod points;
mod shape;
mod space;

use std::marker::PhantomData;

pub use data::{
    DatFacts, Data, GlobalFacts, IsData, Value, ValueFacts, data, home, lives_on, through_a_map,
    without_two_maps,
};
pub use map::{
    Connects, Ends, Entries, HasEntry, IsMap, MapFacts, Mapped, chosen_view, ends, entry,
    entry_view, leads_to, map, whole_view,
};
pub use matrix::{
    Arity, IsRoute, Leads, MaskedFacts, MatFacts, Routed, entry_of_view, entry_type, has_entry,
    holds_tensor, leads_to_columns, leads_to_rows, pick_at, pick_chosen, route, route_ends, tensor,
    tensor_view, through_two_maps,
};
pub use modes::{AsRoles, global_mode, mat_mode, roles, value_mode};
pub use names::{Dim, ElementField, IsScalar, KnownInKernels, NoDim, outside, scalar};
pub use points::{axis_view, extent, same_extent};
pub use shape::{holds, holds_rows, index, index_view, item, rows};
pub use space::{IsSpace, Over, Space, space};

use crate::kernel::Kernel;
use crate::par_loop::body::{Body, Code, LoopBody};
use crate::par_loop::view::Axes;

/// A kernel whose number of parameters was checked, with one [`Param`](crate::kernel::Param) per
/// parameter as a tuple.
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

/// The kernel has `N` parameters, described by `O`. Each kernel brings its own message for another
/// number; this one is for what is no kernel.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a kernel",
    label = "only a fn marked `#[op2::kernel]` can be run over a set"
)]
pub trait Takes<const N: usize, O>: Kernel {
    /// The parameters.
    fn open() -> O;
}

/// Checks the number of arguments.
pub fn open<const N: usize, K: Takes<N, O>, O>(_: &K) -> O {
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
pub fn body<O, V, X>(_: &O, _: V, _: X) -> &'static dyn LoopBody
where
    O: Compiles<V, X>,
{
    O::body()
}

/// The kernel can be compiled for these views and local indices.
pub trait Compiles<V, X> {
    /// The code.
    fn body() -> &'static dyn LoopBody;
}

// The kernel macro implements `Takes` with `Opened`; this turns it into code.
impl<K: Code<V>, P, V: 'static, X: Axes> Compiles<V, X> for Opened<K, P> {
    fn body() -> &'static dyn LoopBody {
        const { &Body::<K, V, X>::new() }
    }
}

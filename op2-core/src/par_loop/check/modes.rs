//! Modes: those that the kernel's parameters ask for, and those that a kind of data allows.

use std::marker::PhantomData;

use crate::kernel::Param;
use crate::mesh::access::mode;
use crate::par_loop::check::data::{DatFacts, GlobalFacts, ValueFacts};
use crate::par_loop::check::matrix::MatFacts;

// One rule for each mode of a parameter, written out: a macro would show up in every message.

/// The loop's mode, for a parameter that is `Read`.
#[diagnostic::on_unimplemented(
    message = "the kernel only reads this argument (`&T`): pass it as `Read`",
    label = "the loop says otherwise"
)]
pub trait IsRead {}
#[diagnostic::do_not_recommend]
impl IsRead for mode::Read {}

impl<T> Param<mode::Read, T> {
    /// Checks the loop's mode.
    pub fn passed_as<L: IsRead>(self) {}
}

/// The loop's mode, for a parameter that is `Write`.
#[diagnostic::on_unimplemented(
    message = "the kernel overwrites this argument (`Write<T>`): pass it as `Write`",
    label = "the loop says otherwise"
)]
pub trait IsWrite {}
#[diagnostic::do_not_recommend]
impl IsWrite for mode::Write {}

impl<T> Param<mode::Write, T> {
    /// Checks the loop's mode.
    pub fn passed_as<L: IsWrite>(self) {}
}

/// The loop's mode, for a parameter that is `Rw`.
#[diagnostic::on_unimplemented(
    message = "the kernel reads and changes this argument (`&mut T`): pass it as `Rw`",
    label = "the loop says otherwise"
)]
pub trait IsRw {}
#[diagnostic::do_not_recommend]
impl IsRw for mode::Rw {}

impl<T> Param<mode::Rw, T> {
    /// Checks the loop's mode.
    pub fn passed_as<L: IsRw>(self) {}
}

/// The loop's mode, for a parameter that is `Inc`.
#[diagnostic::on_unimplemented(
    message = "the kernel adds to this argument (`Inc<T>`): pass it as `Inc`",
    label = "the loop says otherwise"
)]
pub trait IsInc {}
#[diagnostic::do_not_recommend]
impl IsInc for mode::Inc {}

impl<T> Param<mode::Inc, T> {
    /// Checks the loop's mode.
    pub fn passed_as<L: IsInc>(self) {}
}

/// The loop's mode, for a parameter that is `Min`.
#[diagnostic::on_unimplemented(
    message = "the kernel lowers this argument (`Min<T>`): pass it as `Min`",
    label = "the loop says otherwise"
)]
pub trait IsMin {}
#[diagnostic::do_not_recommend]
impl IsMin for mode::Min {}

impl<T> Param<mode::Min, T> {
    /// Checks the loop's mode.
    pub fn passed_as<L: IsMin>(self) {}
}

/// The loop's mode, for a parameter that is `Max`.
#[diagnostic::on_unimplemented(
    message = "the kernel raises this argument (`Max<T>`): pass it as `Max`",
    label = "the loop says otherwise"
)]
pub trait IsMax {}
#[diagnostic::do_not_recommend]
impl IsMax for mode::Max {}

impl<T> Param<mode::Max, T> {
    /// Checks the loop's mode.
    pub fn passed_as<L: IsMax>(self) {}
}

/// The mode `M` of an argument as the mode of a global (`G`), of a value (`V`) and of a matrix (`A`);
/// one that is allowed for what the argument is not.
pub trait Roles<M, G, V, A> {}
impl<S, T, M> Roles<M, mode::Read, mode::Read, mode::Inc> for DatFacts<S, T> {}
impl<T, M> Roles<M, M, mode::Read, mode::Inc> for GlobalFacts<T> {}
impl<T, M> Roles<M, mode::Read, M, mode::Inc> for ValueFacts<T> {}
impl<R, C, T, M> Roles<M, mode::Read, mode::Read, M> for MatFacts<R, C, T> {}

/// The modes of an argument as a global, a value and a matrix.
pub type AsRoles<G, V, A> = (PhantomData<G>, PhantomData<V>, PhantomData<A>);

/// Takes the modes to be checked from what an argument is.
pub fn roles<M, F: Roles<M, G, V, A>, G, V, A>(_: PhantomData<F>) -> AsRoles<G, V, A> {
    (PhantomData, PhantomData, PhantomData)
}

/// A mode that a matrix allows.
#[diagnostic::on_unimplemented(
    message = "a matrix is passed as Inc or Write",
    label = "loops fill matrices, they do not read them"
)]
pub trait MatMode {}
#[diagnostic::do_not_recommend]
impl MatMode for mode::Inc {}
#[diagnostic::do_not_recommend]
impl MatMode for mode::Write {}

/// Checks the mode of a matrix.
pub fn mat_mode<A: MatMode>(_: PhantomData<A>) {}

/// A mode that a global or reduction allows.
#[diagnostic::on_unimplemented(
    message = "a global is passed as Read, Inc, Min or Max",
    label = "every element would change the same value"
)]
pub trait GlobalMode {}
#[diagnostic::do_not_recommend]
impl GlobalMode for mode::Read {}
#[diagnostic::do_not_recommend]
impl GlobalMode for mode::Inc {}
#[diagnostic::do_not_recommend]
impl GlobalMode for mode::Min {}
#[diagnostic::do_not_recommend]
impl GlobalMode for mode::Max {}

/// Checks the mode of a global.
pub fn global_mode<G: GlobalMode>(_: PhantomData<G>) {}

/// A mode that a plain value allows.
#[diagnostic::on_unimplemented(
    message = "a plain value is passed as Read",
    label = "to collect a result, pass a Global or a Reduction"
)]
pub trait ValueMode {}
#[diagnostic::do_not_recommend]
impl ValueMode for mode::Read {}

/// Checks the mode of a plain value.
pub fn value_mode<V: ValueMode>(_: PhantomData<V>) {}

//! From the IR to a target language: one small implementation per language.
//!
//! Every dialect reads the same tree and decides nothing about its meaning: names, types and
//! implied dereferences are settled before. A language of the C family adds declarations for
//! `Local`s (their ids tell shadowed names apart) and temporaries for `if` used as a value.

mod rust;
mod text;
mod text_expr;

pub(crate) use rust::Rust;
pub(crate) use text::{Text, source};

use super::ir::Kernel;

/// A target language.
pub(crate) trait Lower {
    /// What a program in the language is held in.
    type Output;

    /// The kernel in the language.
    fn lower(&self, kernel: &Kernel) -> Self::Output;
}

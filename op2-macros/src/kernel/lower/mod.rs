//! From the IR to a target language: one small implementation per language.
//!
//! Every dialect reads the same tree and decides nothing about its meaning: names, types and
//! implied dereferences are settled before. The languages of devices need what only rustc knows, the
//! types behind names and generic parameters: for them the tree becomes [data](Data) that `op2-core`
//! reads while running.

mod data;
mod data_type;
mod rust;
mod text;
mod text_expr;

pub(crate) use data::{Code, Data};
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

//! `#[op2::kernel]` and `#[op2::function]`: parse, type, check.
//!
//! [`compile`] is the whole front end. It reports every mistake it finds, not the first; what
//! it leaves to rustc, which says it better, is types and borrows. Emitting Rust for a
//! [`Compiled`] kernel is the business of the expansion.

mod access;
mod annotate;
mod assigned;
mod check;
mod cost;
mod cover;
pub(crate) mod expand;
mod intrinsics;
pub(crate) mod ir;
pub(crate) mod lower;
mod named;
mod operators;
mod parse;
mod refused;
mod scope;
mod signature;
#[cfg(test)]
mod tests;
mod types;
mod typing;
mod visit;

use proc_macro2::TokenStream;
use syn::ItemFn;

use crate::errors::{self, Errors};

/// Which attribute the fn carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavor {
    Kernel,
    Function,
}

impl Flavor {
    /// What users call it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Kernel => "kernel",
            Self::Function => "function",
        }
    }
}

/// What became of the user's fn.
pub(crate) struct Compiled {
    /// As the user wrote it, or [muted](refused::mute); `None` if it is not even a fn.
    pub(crate) item: Option<ItemFn>,
    /// `Some` only if there is no error.
    pub(crate) kernel: Option<ir::Kernel>,
    /// All errors, as `compile_error!` calls.
    pub(crate) errors: Option<TokenStream>,
}

/// The front end: from an attribute and its item to a checked, typed kernel.
pub(crate) fn compile(attr: TokenStream, item: TokenStream, flavor: Flavor) -> Compiled {
    let (item, kernel, list) = compile_with_errors(attr, item, flavor);
    let errors = errors::to_tokens(&list);
    Compiled { item, kernel: kernel.filter(|_| errors.is_none()), errors }
}

fn compile_with_errors(
    attr: TokenStream,
    item: TokenStream,
    flavor: Flavor,
) -> (Option<ItemFn>, Option<ir::Kernel>, Vec<syn::Error>) {
    let errors = Errors::new();
    let mut item = parse_item(item, flavor, &errors);
    let kernel = item.as_mut().map(|item| front_end(attr, item, flavor, &errors));
    (item, kernel, errors.drain())
}

fn parse_item(item: TokenStream, flavor: Flavor, errors: &Errors) -> Option<ItemFn> {
    let word = flavor.word();
    match syn::parse2::<syn::Item>(item) {
        Ok(syn::Item::Fn(item)) => Some(item),
        Ok(other) => {
            let hint = "put the attribute on a free `fn`";
            errors.on(other, format_args!("`#[op2::{word}]` is for functions"), hint);
            None
        }
        Err(error) => {
            errors.push(error);
            None
        }
    }
}

/// The stages, each over what the one before has found, mistakes included.
fn front_end(attr: TokenStream, item: &mut ItemFn, flavor: Flavor, errors: &Errors) -> ir::Kernel {
    let options = signature::options(attr, flavor, errors);
    let mut kernel = parse::kernel(item, options, flavor, errors);
    if errors.any() {
        refused::mute(item);
    }
    typing::infer(&mut kernel);
    check::check(&mut kernel, errors);
    kernel.cost = cost::count(&kernel);
    annotate::write_types(&mut kernel);
    kernel
}

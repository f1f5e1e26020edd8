//! Snapshots of the front end: `accepted/*.rs` with the IR beside it, `refused/*.rs` with the
//! messages and the tokens that they point at. `BLESS=1 cargo test` writes them anew.

mod rules;
mod snapshots;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Item, ItemFn, Meta};

use super::ir::Kernel;
use super::{Flavor, compile_with_errors};

/// The kernel and the errors of one fn that carries its attribute.
fn compile_fn(mut item: ItemFn) -> (Kernel, Vec<syn::Error>) {
    let (attr, flavor) = take_attribute(&mut item);
    let (_, kernel, errors) = compile_with_errors(attr, item.to_token_stream(), flavor);
    (kernel.expect("a fn has a kernel, with errors or without"), errors)
}

/// The fns of a source text.
fn fns(source: &str) -> Vec<ItemFn> {
    let file = syn::parse_file(source).expect("test input is Rust");
    let items = file.items.into_iter().map(|item| match item {
        Item::Fn(item) => item,
        other => panic!("test input is fns only: {}", other.to_token_stream()),
    });
    items.collect()
}

fn take_attribute(item: &mut ItemFn) -> (TokenStream, Flavor) {
    let is_ours =
        |attr: &syn::Attribute| attr.path().is_ident("kernel") || attr.path().is_ident("function");
    let at = item.attrs.iter().position(is_ours).expect("test fns carry an attribute");
    let attr = item.attrs.remove(at);
    let flavor = if attr.path().is_ident("kernel") { Flavor::Kernel } else { Flavor::Function };
    match attr.meta {
        Meta::List(list) => (list.tokens, flavor),
        _ => (TokenStream::new(), flavor),
    }
}

/// One line per error: the token that the span covers, then the message.
fn describe(errors: &[syn::Error]) -> String {
    let line = |error: &syn::Error| {
        let token = error.span().source_text().unwrap_or_default();
        format!("`{token}`: {error}\n")
    };
    errors.iter().map(line).collect()
}

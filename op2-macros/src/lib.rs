//! Macros.

mod derive_element;
mod errors;
#[allow(dead_code, unused_imports, reason = "the expansion reads the rest")]
mod kernel;

use proc_macro::TokenStream;
use quote::quote;

use kernel::{Flavor, compile};

/// A loop's arithmetic for one element.
#[proc_macro_attribute]
pub fn kernel(attr: TokenStream, item: TokenStream) -> TokenStream {
    checked(attr, item, Flavor::Kernel)
}

/// A function that kernels may call.
#[proc_macro_attribute]
pub fn function(attr: TokenStream, item: TokenStream) -> TokenStream {
    checked(attr, item, Flavor::Function)
}

/// Makes a `#[repr(C)]` struct an element of dats.
#[proc_macro_derive(Element)]
pub fn element(input: TokenStream) -> TokenStream {
    derive_element::derive(input.into()).into()
}

fn checked(attr: TokenStream, item: TokenStream, flavor: Flavor) -> TokenStream {
    let kernel::Compiled { item, errors, .. } = compile(attr.into(), item.into(), flavor);
    quote!(#item #errors).into()
}

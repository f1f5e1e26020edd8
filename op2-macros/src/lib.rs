//! The macros of op2: entry points only.
//!
//! `#[kernel]` and `#[function]` go from the user's tokens to a typed form, through its checks, to
//! code; `par_loop!` goes from a call to a description and its checks.

mod derive_element;
mod errors;
#[allow(dead_code, unused_imports, reason = "the typed form holds what the device languages need")]
mod kernel;
mod par_loop;

use kernel::{Compiled, Flavor};
use proc_macro::TokenStream;

/// Makes a function a kernel: something to apply to every element of a mesh.
#[proc_macro_attribute]
pub fn kernel(attr: TokenStream, item: TokenStream) -> TokenStream {
    expand(attr, item, Flavor::Kernel)
}

/// Makes a function callable from kernels.
#[proc_macro_attribute]
pub fn function(attr: TokenStream, item: TokenStream) -> TokenStream {
    expand(attr, item, Flavor::Function)
}

/// Applies a kernel to every element of a set.
#[proc_macro]
pub fn par_loop(input: TokenStream) -> TokenStream {
    par_loop::par_loop(input.into()).into()
}

/// Lets dats hold a struct.
#[proc_macro_derive(Element)]
pub fn derive_element(input: TokenStream) -> TokenStream {
    derive_element::derive(input.into()).into()
}

fn expand(attr: TokenStream, item: TokenStream, flavor: Flavor) -> TokenStream {
    let Compiled { item, kernel, errors } = kernel::compile(attr.into(), item.into(), flavor);
    match (kernel, item) {
        (Some(kernel), Some(item)) => kernel::expand::expand(&kernel, &item),
        // The user's function stays, so that editors and other errors keep their sense.
        (_, item) => quote::quote!(#errors #item),
    }
    .into()
}

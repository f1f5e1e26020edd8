//! What a checked kernel or function becomes: the plain fn, and a type of the same name that carries
//! everything else.
//!
//! The user's body appears once, in `__op2_call` (`op2_function`), whose hidden first parameter is the buffer with
//! the constants' values. The loop around it is generic over how each argument is reached.

mod body;
mod describe;
mod device;
mod lanes;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{FnArg, GenericParam, Generics};

use device::Device;

use super::Flavor;
use super::ir::Kernel;

/// All items that stand for a kernel or function.
pub(crate) fn expand(kernel: &Kernel, item: &syn::ItemFn) -> TokenStream {
    let plain = plain_fn(kernel, item);
    let carrier = carrier(kernel);
    let call = body::call(kernel, item);
    let device = Device::of(kernel);
    let function = device.function(kernel);
    let own = match kernel.flavor {
        Flavor::Kernel => describe::loop_code(kernel, &device),
        Flavor::Function => TokenStream::new(),
    };
    quote! { #plain #carrier #call #function #own }
}

/// Names used all over an expansion.
struct Names<'a> {
    name: &'a Ident,
    generics: &'a Generics,
}

impl<'a> Names<'a> {
    fn of(kernel: &'a Kernel) -> Self {
        Self { name: &kernel.name, generics: &kernel.generics }
    }

    /// The carrier's type with its parameters.
    fn carrier(&self) -> TokenStream {
        let name = self.name;
        let (_, ty, _) = self.generics.split_for_impl();
        quote!(#name #ty)
    }
}

/// The carrier that holds the constants: they do not depend on generic parameters, and must be
/// found where those cannot be inferred, so they stand on one arbitrary choice of them.
fn constants_carrier(kernel: &Kernel) -> TokenStream {
    let name = &kernel.name;
    let args = kernel.generics.params.iter().map(|param| match param {
        GenericParam::Const(param) if param.ty == syn::parse_quote!(bool) => quote!(false),
        GenericParam::Const(param) if param.ty == syn::parse_quote!(char) => quote!('_'),
        GenericParam::Const(_) => quote!(0),
        GenericParam::Type(_) | GenericParam::Lifetime(_) => quote!(()),
    });
    quote!(#name::<#(#args),*>)
}

fn parameters(item: &syn::ItemFn) -> impl Iterator<Item = &syn::PatType> {
    item.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    })
}

/// The function that tests can call: it reads the constants by itself.
fn plain_fn(kernel: &Kernel, item: &syn::ItemFn) -> TokenStream {
    let Names { name, generics } = Names::of(kernel);
    let (attrs, vis, output) = (&kernel.attrs, &kernel.vis, &kernel.output);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let turbofish = generics.split_for_impl().1;
    let turbofish = turbofish.as_turbofish();
    let params = parameters(item).zip(&kernel.params).map(|(typed, param)| {
        let (name, ty) = (&param.name, with_lifetime(&typed.ty));
        quote!(#name: #ty)
    });
    let values = kernel.params.iter().map(|param| &param.name);
    let here = Span::mixed_site();
    let unsafe_token = quote_spanned!(here=> unsafe);
    let (constants, call) = (constants_carrier(kernel), body::call_name(kernel));
    let body = quote_spanned! {here=> {
        // SAFETY: `with_constants` gives a buffer of that size, filled before the call.
        ::op2::__private::with_constants(
            #constants::__OP2_CONSTANT_BYTES,
            |buffer| #unsafe_token { #constants::__op2_store(buffer) },
            |buffer| #name #turbofish::#call(buffer, #(#values),*),
        )
    }};
    quote! {
        #(#attrs)*
        #[allow(clippy::too_many_arguments, clippy::used_underscore_binding)]
        #vis fn #name #impl_generics(#(#params),*) #output #where_clause #body
    }
}

/// `Inc<T>` becomes `Inc<'_, T>`.
fn with_lifetime(ty: &syn::Type) -> syn::Type {
    let mut ty = ty.clone();
    if let syn::Type::Path(path) = &mut ty
        && let Some(last) = path.path.segments.last_mut()
        && ["Inc", "Write", "Min", "Max"].iter().any(|mode| last.ident == mode)
        && let syn::PathArguments::AngleBracketed(args) = &mut last.arguments
        && !args.args.iter().any(|arg| matches!(arg, syn::GenericArgument::Lifetime(_)))
    {
        args.args.insert(0, syn::parse_quote!('_));
    }
    ty
}

/// The type of the kernel's name.
fn carrier(kernel: &Kernel) -> TokenStream {
    let Names { name, generics } = Names::of(kernel);
    let vis = &kernel.vis;
    let params = generics.params.iter().map(|param| match param {
        GenericParam::Const(param) => {
            let (name, ty) = (&param.ident, &param.ty);
            quote!(const #name: #ty)
        }
        GenericParam::Type(param) => param.ident.to_token_stream(),
        GenericParam::Lifetime(param) => param.to_token_stream(),
    });
    let types = generics.type_params().map(|param| &param.ident);
    // Shown where a message points at the kernel.
    let shown = quote_spanned!(kernel.name.span()=> struct);
    quote! {
        #[doc(hidden)]
        #[allow(non_camel_case_types, dead_code, missing_docs, clippy::pub_underscore_fields)]
        #vis #shown #name<#(#params),*> {
            // Loops name a kernel as `flux { __op2: .. }`, which leaves its types to be inferred.
            #vis __op2: ::op2::__private::Tag<(#(#types,)*)>,
        }
    }
}

//! The user's body, once, as a function that takes the constants' values; and where these lie.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};

use super::{Names, constants_carrier, parameters, with_lifetime};
use crate::kernel::Flavor;
use crate::kernel::ir::{Kernel, Mode};

/// The body itself, and the constants it reads.
pub(super) fn call(kernel: &Kernel, item: &syn::ItemFn) -> TokenStream {
    let names = Names::of(kernel);
    let here = Span::mixed_site();
    let (impl_generics, _, where_clause) = names.generics.split_for_impl();
    let carrier = names.carrier();
    let constants_home = constants_carrier(kernel);
    let unsafe_token = quote_spanned!(here=> unsafe);
    let output = &kernel.output;
    let params = parameters(item).zip(&kernel.params).map(|(typed, param)| {
        let (name, ty) = (&param.name, with_lifetime(&typed.ty));
        // What the alias stands for: whether it is ours is asked in the plain fn.
        let value_ty = &param.value_ty;
        let ty = match param.mode {
            Mode::Write | Mode::Inc | Mode::Min | Mode::Max => {
                quote_spanned!(typed.ty.span()=> &mut #value_ty)
            }
            _ => ty.to_token_stream(),
        };
        let mutable = param.mutable_binding.then(|| quote!(mut));
        quote!(#mutable #name: #ty)
    });
    let constants = &kernel.constants;
    let idents: Vec<_> = constants.iter().map(|constant| &constant.ident).collect();
    let at: Vec<_> = (0..constants.len()).map(syn::Index::from).collect();
    let loads = constants.iter().enumerate().map(|(i, constant)| {
        let (ident, renamed) = (&constant.ident, &constant.renamed);
        quote_spanned! {here.located_at(ident.span())=>
            let #renamed = #unsafe_token {
                __op2::Constant::load(&#ident, __constants.add(#constants_home::__OP2_PLACES[#i]))
            };
        }
    });
    let functions = &kernel.functions;
    let first_function = constants.len();
    let function_places = (0..functions.len()).map(|i| i + first_function);
    let places = constants.len() + functions.len() + 1;
    let last = places - 1;
    let helper_bytes =
        functions.iter().map(|path| for_item(&without_arguments(path), "__OP2_CONSTANT_BYTES"));
    let helper_stores = functions.iter().enumerate().map(|(i, path)| {
        let path = for_item(&without_arguments(path), "__op2_store");
        let i = i + first_function;
        quote_spanned!(here=> #path(__buffer.add(#constants_home::__OP2_PLACES[#i]))?;)
    });
    let outside = outside_checks(kernel);
    let calls = Calls { functions, first: first_function, home: &constants_home };
    let body = calls.redirected(&kernel.rust_body);
    let call = call_name(kernel);
    let constants_buffer = Ident::new("__constants", here);
    let here_impl = quote_spanned! {here=>
        #[doc(hidden)]
        #[allow(missing_docs, dead_code, non_snake_case, clippy::too_many_arguments)]
        impl #constants_home {
            const __OP2_PLACES: [usize; #places] = {
                use ::op2::__private as __op2;
                let mut places = [0; #places];
                let mut end = 0;
                #((places[#at], end) = __op2::place(end, &#idents);)*
                #({
                    end = __op2::aligned(end);
                    places[#function_places] = end;
                    end += #helper_bytes;
                })*
                places[#last] = end;
                places
            };
            pub const __OP2_CONSTANT_BYTES: usize = #constants_home::__OP2_PLACES[#last];

            /// # Safety
            /// The buffer has room for all constants.
            pub #unsafe_token fn __op2_store(
                __buffer: *mut u8,
            ) -> ::core::result::Result<(), &'static str> {
                use ::op2::__private as __op2;
                #unsafe_token {
                    #(__op2::Constant::store(&#idents, __buffer.add(#constants_home::__OP2_PLACES[#at]))?;)*
                    #(#helper_stores)*
                }
                ::core::result::Result::Ok(())
            }
        }
    };
    quote! {
        #here_impl
        #[doc(hidden)]
        #[allow(missing_docs, dead_code, non_snake_case, clippy::too_many_arguments)]
        // Kernels have no iterators: every device must be able to run their loops.
        #[allow(clippy::needless_range_loop, clippy::manual_memcpy)]
        // The buffer is that of the constants: only expansions call this.
        #[allow(clippy::not_unsafe_ptr_arg_deref)]
        impl #impl_generics #carrier #where_clause {
            #[inline(always)]
            pub fn #call(#constants_buffer: *const u8, #(#params),*) #output {
                #[allow(unused_imports)]
                use ::op2::__private as __op2;
                #outside
                #(#loads)*
                // A block of its own: no item in it takes the place of a constant above.
                #body
            }
        }
    }
}

/// Checks of names that only rustc can resolve, in a block that never runs.
fn outside_checks(kernel: &Kernel) -> Option<TokenStream> {
    if kernel.outer_names.is_empty() && kernel.scalar_names.is_empty() {
        return None;
    }
    let here = Span::mixed_site();
    let names = kernel.outer_names.iter().map(|name| {
        let at = here.located_at(name.span());
        quote_spanned!(at=> __op2::check::outside(&#name);)
    });
    let scalars = kernel.scalar_names.iter().map(|path| {
        let at = here.located_at(path.span());
        quote_spanned!(at=> __op2::check::scalar::<#path>();)
    });
    Some(quote!(if false { #(#names)* #(#scalars)* }))
}

/// `path::item`, where generic arguments of the function stay with its type.
pub(super) fn for_item(path: &syn::Path, item: &str) -> syn::Path {
    let mut path = path.clone();
    let span = path.segments.last().map_or_else(Span::call_site, |last| last.ident.span());
    let item = Ident::new(item, Span::mixed_site().located_at(span));
    path.segments.push(syn::PathSegment::from(item));
    path
}

/// The path without the generic arguments of the function.
pub(super) fn without_arguments(path: &syn::Path) -> syn::Path {
    let mut path = path.clone();
    if let Some(last) = path.segments.last_mut() {
        last.arguments = syn::PathArguments::None;
    }
    path
}

/// The body of a kernel.
const KERNEL_CALL: &str = "__op2_call";
/// The body of a function. The name is read when a kernel calls another kernel: "no function
/// `op2_function` found for struct `flux`".
const FUNCTION_CALL: &str = "op2_function";

pub(super) fn call_name(kernel: &Kernel) -> Ident {
    let name = if kernel.flavor == Flavor::Kernel { KERNEL_CALL } else { FUNCTION_CALL };
    Ident::new(name, Span::mixed_site())
}

/// Redirects calls of functions to their `op2_function`, with their part of the constants.
struct Calls<'a> {
    functions: &'a [syn::Path],
    first: usize,
    home: &'a TokenStream,
}

impl Calls<'_> {
    fn redirected(mut self, body: &syn::Block) -> syn::Block {
        let mut body = body.clone();
        self.visit_block_mut(&mut body);
        body
    }
}

impl VisitMut for Calls<'_> {
    fn visit_expr_call_mut(&mut self, call: &mut syn::ExprCall) {
        visit_mut::visit_expr_call_mut(self, call);
        let Expr::Path(func) = &mut *call.func else { return };
        let Some(i) = self.functions.iter().position(|path| *path == func.path) else { return };
        let i = i + self.first;
        func.path = for_item(&func.path, FUNCTION_CALL);
        let (here, constants_home) = (Span::mixed_site(), self.home);
        call.args.insert(
            0,
            syn::parse_quote_spanned!(here=> __constants.wrapping_add(#constants_home::__OP2_PLACES[#i])),
        );
    }
}

//! What a kernel says of itself: its description as data, and its parameters as types.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Generics;
use syn::spanned::Spanned;

use super::device::Device;
use super::{Names, constants_carrier, lanes};
use crate::kernel::ir::{Kernel, Param};

/// The kernel's generic parameters, and that its parameters hold elements: stated as a condition
/// of each item, so that the compiler refuses another type once, where it is written, and not
/// wherever the items use it.
pub(super) fn data_generics(kernel: &Kernel) -> Generics {
    let mut generics = kernel.generics.clone();
    if kernel.params.is_empty() {
        return generics;
    }
    let predicates = &mut generics.make_where_clause().predicates;
    for ty in kernel.params.iter().map(|param| &param.value_ty) {
        let at = Span::mixed_site().located_at(ty.span());
        predicates.push(syn::parse_quote_spanned!(at=> #ty: ::op2::__private::Element));
    }
    generics
}

/// `impl Kernel`, `impl Takes`, and the loop around the body.
pub(super) fn loop_code(kernel: &Kernel, device: &Device) -> TokenStream {
    let names = Names::of(kernel);
    let here = Span::mixed_site();
    let generics = data_generics(kernel);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let carrier = names.carrier();
    let constants_home = constants_carrier(kernel);
    let unsafe_token = quote_spanned!(here=> unsafe);
    let info = info(kernel, device);
    let count = kernel.params.len();
    let markers: Vec<TokenStream> = kernel
        .params
        .iter()
        .map(|param| {
            let (mode, ty) = (mode_ident(param), &param.value_ty);
            quote!(__op2::Param<__op2::mode::#mode, #ty>)
        })
        .collect();
    let code = lanes::code(kernel);
    let opened = quote_spanned!(here=> __op2::check::Opened<#carrier, (#(#markers,)*)>);
    let (count_message, count_label) = count_texts(kernel);
    let takes = takes(kernel);
    quote_spanned! {here=>
        const _: () = {
            use ::op2::__private as __op2;

            // SAFETY: made by the kernel macro.
            #unsafe_token impl #impl_generics __op2::Kernel for #carrier #where_clause {
                const INFO: &'static __op2::KernelInfo = &#info;
                const CONSTANT_BYTES: usize = #constants_home::__OP2_CONSTANT_BYTES;
                #unsafe_token fn store_constants(
                    buffer: *mut u8,
                ) -> ::core::result::Result<(), &'static str> {
                    // SAFETY: the caller's promise.
                    #unsafe_token { #constants_home::__op2_store(buffer) }
                }
            }

            // A trait of this kernel alone, for its message.
            #[diagnostic::on_unimplemented(message = #count_message, label = #count_label)]
            pub trait Takes<const N: usize, O> {
                fn open() -> O;
            }

            #[diagnostic::do_not_recommend]
            impl #impl_generics Takes<#count, #opened> for __op2::Tag<#carrier> #where_clause {
                fn open() -> #opened {
                    __op2::check::Opened::new((#(<#markers>::new(),)*))
                }
            }

            #takes

            #code
        };
    }
}

/// What the compiler says when a loop passes another number of arguments.
fn count_texts(kernel: &Kernel) -> (String, String) {
    let names: Vec<String> = kernel.params.iter().map(|param| param.name.to_string()).collect();
    let arguments = if names.len() == 1 { "argument" } else { "arguments" };
    let (name, count) = (&kernel.name, names.len());
    let message = format!("kernel `{name}` takes {count} {arguments}, the loop passes {{N}}");
    (message, format!("its parameters are: {}", names.join(", ")))
}

/// Whatever the number of arguments: the kernel's own trait decides, and speaks.
fn takes(kernel: &Kernel) -> TokenStream {
    let here = Span::mixed_site();
    let names = Names::of(kernel);
    let carrier = names.carrier();
    let mut generics = data_generics(kernel);
    generics.params.push(syn::parse_quote_spanned!(here=> const __N: usize));
    generics.params.push(syn::parse_quote_spanned!(here=> __O));
    // The compiler speaks of this bound if it is about another type than the carrier.
    let bound = syn::parse_quote_spanned!(here=> __op2::Tag<#carrier>: Takes<__N, __O>);
    generics.make_where_clause().predicates.push(bound);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    quote_spanned! {here=>
        impl #impl_generics __op2::check::Takes<__N, __O> for #carrier #where_clause {
            fn open() -> __O {
                <__op2::Tag<Self> as Takes<__N, __O>>::open()
            }
        }
    }
}

fn info(kernel: &Kernel, device: &Device) -> TokenStream {
    let name = kernel.name.to_string();
    let params = kernel.params.iter().map(|param| {
        let (name, access, ty) = (param.name.to_string(), mode_ident(param), &param.value_ty);
        quote! { __op2::ParamInfo {
            name: #name,
            access: __op2::Access::#access,
            kind: <#ty as __op2::Element>::KIND,
        } }
    });
    let cost = &kernel.cost;
    let (flops, divisions) = (cost.flops, cost.divisions);
    let (square_roots, transcendentals) = (cost.square_roots, cost.transcendentals);
    let host = kernel.options.host;
    let lanes = lanes::lanes(kernel);
    let code = device.instance(kernel);
    quote! { __op2::KernelInfo {
        name: #name,
        file: ::core::file!(),
        line: ::core::line!(),
        params: &[#(#params),*],
        cost: __op2::Cost {
            flops: #flops as u32,
            divisions: #divisions as u32,
            square_roots: #square_roots as u32,
            transcendentals: #transcendentals as u32,
        },
        host: #host,
        lanes: #lanes,
        code: #code,
    } }
}

pub(super) fn mode_ident(param: &Param) -> Ident {
    Ident::new(param.mode.name(), Span::mixed_site())
}

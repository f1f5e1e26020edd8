//! The body as data, for devices.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::GenericParam;

use super::body::{for_item, without_arguments};
use super::constants_carrier;
use crate::kernel::ir::Kernel;
use crate::kernel::lower::{Code, Data, Lower};

/// What a kernel or function is, as data; nothing for a host kernel.
pub(super) struct Device {
    code: Option<Code>,
}

impl Device {
    pub(super) fn of(kernel: &Kernel) -> Self {
        Self { code: (!kernel.options.host).then(|| Data.lower(kernel)) }
    }

    /// The data, on the carrier of the constants: it does not depend on generic parameters.
    pub(super) fn function(&self, kernel: &Kernel) -> Option<TokenStream> {
        let fields = &self.code.as_ref()?.fields;
        let here = Span::mixed_site();
        let home = constants_carrier(kernel);
        let name = kernel.name.to_string();
        let constants = kernel.constants.iter().map(|constant| {
            let (name, ident) = (constant.ident.to_string(), &constant.ident);
            quote_spanned! {here.located_at(ident.span())=>
                __op2::code::Constant { name: #name, read: || __op2::code::constant(&#ident) }
            }
        });
        let calls =
            kernel.functions.iter().map(|path| for_item(&without_arguments(path), "__OP2_CODE"));
        Some(quote! {
            #[doc(hidden)]
            #[allow(
                missing_docs, dead_code, unused_braces, unused_parens,
                clippy::unnecessary_cast, clippy::cast_lossless, clippy::cast_possible_wrap,
            )]
            impl #home {
                pub const __OP2_CODE: &'static ::op2::__private::code::Function = {
                    #[allow(unused_imports)]
                    use ::op2::__private as __op2;
                    &__op2::code::Function {
                        name: #name,
                        module: ::core::module_path!(),
                        file: ::core::file!(),
                        line: ::core::line!(),
                        constants: &[#(#constants),*],
                        calls: &[#(#calls),*],
                        places: &#home::__OP2_PLACES,
                        #fields
                    }
                };
            }
        })
    }

    /// The instance that rustc makes of a kernel, for its `KernelInfo`.
    pub(super) fn instance(&self, kernel: &Kernel) -> TokenStream {
        let Some(code) = &self.code else { return quote!(::core::option::Option::None) };
        let home = constants_carrier(kernel);
        let arguments = kernel.generics.params.iter().map(|param| match param {
            GenericParam::Type(param) => {
                let name = &param.ident;
                quote!(__op2::code::Argument::Type(<#name as __op2::code::Shape>::SHAPE))
            }
            GenericParam::Const(param) => {
                let name = &param.ident;
                quote!(__op2::code::Argument::Value(#name as i128))
            }
            // Kernels have none.
            GenericParam::Lifetime(_) => quote!(),
        });
        let shapes = code.shapes.iter().map(|path| quote!(<#path as __op2::code::Shape>::SHAPE));
        quote! {
            ::core::option::Option::Some(__op2::code::Instance {
                function: #home::__OP2_CODE,
                arguments: &[#(#arguments),*],
                shapes: &[#(#shapes),*],
            })
        }
    }
}

//! `#[derive(op2::Element)]`: a `#[repr(C)]` struct as the value that a dat has per element.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Field, GenericParam, Generics, Index, Member, parse_quote_spanned};

use crate::errors::{self, Errors};

/// The implementations for the struct, or the reasons why there are none.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input = match syn::parse2::<DeriveInput>(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let errors = Errors::new();
    let fields = check(&input, &errors);
    errors::to_tokens(&errors.drain()).unwrap_or_else(|| expand(&input, &fields))
}

/// The fields, after a look at all that could be wrong.
fn check<'a>(input: &'a DeriveInput, errors: &Errors) -> Vec<&'a Field> {
    check_repr(input, errors);
    for param in &input.generics.params {
        match param {
            GenericParam::Const(_) => {}
            GenericParam::Lifetime(_) => {
                let hint = "an element is plain data: numbers, arrays and structs of these";
                errors.on(param, "an element struct holds no references", hint);
            }
            GenericParam::Type(_) => {
                let hint = "write one struct for each type of number";
                errors.on(param, "an element struct has no type parameters", hint);
            }
        }
    }
    match &input.data {
        Data::Struct(data) if !data.fields.is_empty() => data.fields.iter().collect(),
        Data::Struct(_) => {
            let hint = "give it fields, or use a set without a dat";
            errors.on(&input.ident, "an element struct needs at least one field", hint);
            Vec::new()
        }
        Data::Enum(data) => {
            let hint = "store a `u8` or `u32` and name its values by constants";
            errors.on(data.enum_token, "an element cannot be an enum", hint);
            Vec::new()
        }
        Data::Union(data) => {
            errors.on(data.union_token, "an element cannot be a union", "use a struct");
            Vec::new()
        }
    }
}

/// Refuses `struct S { .. }` without `#[repr(C)]`: devices and files need a fixed layout.
fn check_repr(input: &DeriveInput, errors: &Errors) {
    let mut is_c = false;
    for attr in input.attrs.iter().filter(|attr| attr.path().is_ident("repr")) {
        let read = attr.parse_nested_meta(|meta| {
            is_c |= meta.path.is_ident("C");
            if meta.path.is_ident("packed") {
                let hint = "order the fields by size, largest first, to have no gaps";
                errors.on(&meta.path, "an element struct cannot be packed", hint);
            }
            // `align(16)` and `packed(2)` carry a number that does not matter here.
            if meta.input.peek(syn::token::Paren) {
                meta.input.parse::<proc_macro2::Group>()?;
            }
            Ok(())
        });
        if let Err(error) = read {
            errors.push(error);
        }
    }
    if !is_c && matches!(input.data, Data::Struct(_)) {
        let hint = "write `#[repr(C)]` above it: devices and files rely on the order of its fields";
        errors.on(&input.ident, "an element struct needs a fixed layout", hint);
    }
}

fn expand(input: &DeriveInput, fields: &[&Field]) -> TokenStream {
    let name = &input.ident;
    let generics = &conditions(input, fields);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let (params, predicates) = (&generics.params, &where_clause.as_ref().map(|w| &w.predicates));
    let gaps = gaps(input, fields);
    let element = element(name, generics, fields);
    let unsafe_ = Ident::new("unsafe", Span::mixed_site());
    let pod = pod(name, generics);
    quote! {
        const _: () = {
            use ::op2::__private as __op2;

            #gaps

            // SAFETY: all fields are `Zeroable`, as conditions above say.
            #unsafe_ impl #impl_generics __op2::bytemuck::Zeroable for #name #ty_generics #where_clause {}

            #pod

            #element

            #[diagnostic::do_not_recommend]
            impl #impl_generics __op2::check::ElementField for #name #ty_generics #where_clause {}

            __op2::value!([#params] [#predicates] #name #ty_generics);
        };
    }
}

/// `Pod`, where the absence of padding is known: with const generics not for all lengths together,
/// and who uses a value as bytes would not ask about its own.
fn pod(name: &Ident, generics: &Generics) -> Option<TokenStream> {
    let unsafe_ = Ident::new("unsafe", Span::mixed_site());
    let where_clause = &generics.where_clause;
    generics.params.is_empty().then(|| {
        quote! {
            // SAFETY: `repr(C)`, all fields `Pod` or without padding, none between or after them.
            #unsafe_ impl __op2::bytemuck::Pod for #name #where_clause {}
        }
    })
}

fn element(name: &Ident, generics: &Generics, fields: &[&Field]) -> TokenStream {
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let text = name.to_string();
    let described = fields.iter().enumerate().map(|(k, field)| {
        let member = member(k, field);
        let (label, ty) = (member.to_token_stream().to_string(), &field.ty);
        quote! {
            __op2::Field {
                name: #label,
                offset: ::core::mem::offset_of!(#name #ty_generics, #member),
                kind: <#ty as __op2::Element>::KIND,
            }
        }
    });
    let fieldwise = |method: &str| {
        let method = format_ident!("{method}");
        let calls = fields.iter().enumerate().map(|(k, field)| {
            let (member, ty) = (member(k, field), &field.ty);
            quote!(<#ty as __op2::Element>::#method(&mut self.#member, &other.#member);)
        });
        quote!(#[inline] fn #method(&mut self, other: &Self) { #(#calls)* })
    };
    let made = |method: &str| {
        let method = format_ident!("{method}");
        let values = fields.iter().enumerate().map(|(k, field)| {
            let (member, ty) = (member(k, field), &field.ty);
            quote!(#member: <#ty as __op2::Element>::#method(),)
        });
        quote!(fn #method() -> Self { Self { #(#values)* } })
    };
    let non_finite = fields.iter().enumerate().map(|(k, field)| {
        let (member, ty) = (member(k, field), &field.ty);
        quote!(|| <#ty as __op2::Element>::has_non_finite(&self.#member))
    });
    // Without parameters, this was looked at before.
    let has_no_gaps =
        (!generics.params.is_empty()).then(|| has_no_gaps(name, &quote!(Self), fields));
    let parameters = generics.const_params().map(|param| &param.ident);
    let limits = ["greatest", "least"].map(made);
    let methods = ["accumulate", "take_min", "take_max"].map(fieldwise);
    let unsafe_ = Ident::new("unsafe", Span::mixed_site());
    quote! {
        // SAFETY: the description below is that of the struct: offsets come from the compiler.
        #unsafe_ impl #impl_generics __op2::Element for #name #ty_generics #where_clause {
            type Leaf = Self;
            type Item = Self;
            const LEN: usize = 1;
            const DIM: usize = {
                #has_no_gaps
                1
            };
            const KIND: __op2::ElementKind = __op2::ElementKind::Struct {
                name: #text,
                parameters: &[#(#parameters as i128),*],
                fields: &[#(#described),*],
            };
            #(#methods)*
            #(#limits)*
            fn has_non_finite(&self) -> bool {
                false #(#non_finite)*
            }
        }
    }
}

/// What rustc has to confirm: a copy of the struct is as good as the struct, and each field is an
/// element. Stated as a condition of each implementation, so that a mistake is reported once, where it
/// is written, and not wherever the implementations rely on it.
fn conditions(input: &DeriveInput, fields: &[&Field]) -> Generics {
    let (name, mut generics) = (&input.ident, input.generics.clone());
    let (_, ty_generics, _) = input.generics.split_for_impl();
    let at = |span: Span| Span::mixed_site().located_at(span);
    let predicates = &mut generics.make_where_clause().predicates;
    predicates
        .push(parse_quote_spanned!(at(name.span())=> #name #ty_generics: ::core::marker::Copy));
    for ty in fields.iter().map(|field| &field.ty) {
        predicates.push(parse_quote_spanned!(at(ty.span())=> #ty: __op2::check::ElementField));
    }
    generics
}

/// The absence of padding, looked at once; for a struct with const generics this is done for every
/// length that is used.
fn gaps(input: &DeriveInput, fields: &[&Field]) -> Option<TokenStream> {
    let name = &input.ident;
    let has_no_gaps = has_no_gaps(name, &quote!(#name), fields);
    let plain = input.generics.params.is_empty();
    plain.then(|| quote_spanned!(name.span()=> const _: () = #has_no_gaps;))
}

/// Fails to compile if the struct is larger than its fields, or aligned to more than memory is.
fn has_no_gaps(name: &Ident, this: &TokenStream, fields: &[&Field]) -> TokenStream {
    let types: Vec<_> = fields.iter().map(|field| &field.ty).collect();
    let message = format!(
        "`{name}` has unused bytes between or after its fields: order the fields by size, \
         largest first, and fill up the end with a field of your own"
    );
    let aligned = format!("`{name}` is aligned to more than 16 bytes, which no target promises");
    quote_spanned! {name.span()=> {
        ::core::assert!(
            ::core::mem::size_of::<#this>() == #(::core::mem::size_of::<#types>())+*,
            #message
        );
        // Fields that are structs with const generics look at their own gaps now.
        {
            #[allow(unused_imports)]
            use ::op2::__private::check::NoDim as _;
            #(let _ = ::op2::__private::check::Dim::<#types>::DIM;)*
        }
        // Partial results and constants lie at multiples of 16.
        ::core::assert!(::core::mem::align_of::<#this>() <= 16, #aligned);
    }}
}

fn member(k: usize, field: &Field) -> Member {
    match &field.ident {
        Some(name) => Member::Named(name.clone()),
        None => Member::Unnamed(Index::from(k)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn derived(source: &str) -> String {
        let input = source.parse().expect("test input is Rust");
        derive(input).to_string()
    }

    #[test]
    fn a_struct_is_described_field_by_field() {
        let code = derived("#[repr(C)] struct State { rho: f64, velocity: [f64; 2] }");
        let file = syn::parse_str::<syn::File>(&code).expect("the expansion is Rust");
        let [syn::Item::Const(block)] = file.items.as_slice() else { panic!("{code}") };
        assert!(block.ident == "_", "nothing is added to the user's names");
        for part in [
            "name : \"State\"",
            "name : \"velocity\"",
            "offset_of ! (State , velocity)",
            "take_max",
        ] {
            assert!(code.contains(part), "{part} in {code}");
        }
    }

    #[test]
    fn tuple_structs_and_const_generics_are_elements() {
        let code = derived("#[repr(C, align(16))] struct Row<const N: usize>([f64; N], u32);");
        // `Row<1>` could have padding that `Row<2>` has not.
        assert!(!code.contains("Pod for"), "{code}");
        assert!(code.contains("ElementField for Row < N >"), "{code}");
        assert!(code.contains("& mut self . 1 , & other . 1"), "{code}");
        assert!(!code.contains("compile_error"), "{code}");
    }

    #[test]
    fn what_has_no_fixed_layout_is_refused() {
        let refused = [
            ("struct S { x: f64 }", "needs a fixed layout"),
            ("#[repr(C, packed)] struct S { x: f64 }", "cannot be packed"),
            ("#[repr(C)] struct S;", "at least one field"),
            ("#[repr(C)] struct S {}", "at least one field"),
            ("#[repr(C)] struct S<'a> { x: &'a f64 }", "holds no references"),
            ("#[repr(C)] struct S<T> { x: T }", "no type parameters"),
            ("#[repr(u8)] enum S { A }", "cannot be an enum"),
            ("#[repr(C)] union S { x: f64 }", "cannot be a union"),
        ];
        for (source, message) in refused {
            let code = derived(source);
            assert_eq!(code.matches("compile_error").count(), 1, "{source}: {code}");
            assert!(code.contains(message), "{source}: {code}");
        }
    }
}

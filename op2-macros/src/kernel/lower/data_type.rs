//! Types, lengths and generic parameters of the form for devices.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{GenericArgument, GenericParam, PathArguments};

use super::data::{Writer, option};
use crate::kernel::Flavor;
use crate::kernel::ir::{Len, Local, LocalKind, Scalar, Type, VarId};

impl Writer<'_> {
    pub(super) fn generics(&self) -> Vec<TokenStream> {
        let generics = self.kernel.generics.params.iter().map(|param| {
            let (name, scalar) = match param {
                GenericParam::Const(param) => {
                    let ty = param.ty.to_token_stream().to_string();
                    (&param.ident, Some(Scalar::from_name(&ty).unwrap_or(Scalar::Usize)))
                }
                GenericParam::Type(param) => (&param.ident, None),
                GenericParam::Lifetime(param) => (&param.lifetime.ident, None),
            };
            let (name, constant) = (name.to_string(), option(scalar.map(scalar_data).as_ref()));
            quote!(__op2::code::Generic { name: #name, constant: #constant })
        });
        generics.collect()
    }

    /// The position of a type or const parameter.
    pub(super) fn generic(&self, name: &Ident) -> Option<usize> {
        self.kernel.generics.params.iter().position(|param| match param {
            GenericParam::Const(param) => param.ident == *name,
            GenericParam::Type(param) => param.ident == *name,
            GenericParam::Lifetime(_) => false,
        })
    }

    pub(super) fn locals(&self) -> Vec<TokenStream> {
        let locals = self.kernel.locals.iter().map(|local| {
            let (name, ty) = (local.name.to_string(), self.local_type(local));
            quote!(__op2::code::Local { name: #name, ty: #ty })
        });
        locals.collect()
    }

    /// What the parameters of a kernel refer to stands in its `KernelInfo`, where the compiler says if
    /// it is not an element: once is enough.
    fn local_type(&self, local: &Local) -> TokenStream {
        match (self.kernel.flavor, local.kind, &local.ty) {
            (Flavor::Kernel, LocalKind::Param(_), Type::Ref(mutable, _)) => {
                quote!(__op2::code::Type::Ref(#mutable, &__op2::code::Type::Infer))
            }
            _ => self.ty(&local.ty),
        }
    }

    pub(super) fn ty(&self, ty: &Type) -> TokenStream {
        let kind = match ty {
            Type::Scalar(scalar) => {
                let scalar = scalar_data(*scalar);
                quote!(Scalar(#scalar))
            }
            Type::Array(item, len) => {
                let (item, len) = (self.ty(item), self.length(len));
                quote!(Array(&#item, #len))
            }
            Type::Tuple(parts) => {
                let parts = parts.iter().map(|part| self.ty(part));
                quote!(Tuple(&[#(#parts),*]))
            }
            Type::Ref(mutable, target) => {
                let target = self.ty(target);
                quote!(Ref(#mutable, &#target))
            }
            Type::Generic(name) => {
                let k = self.generic(name).unwrap_or_default();
                quote!(Param(#k))
            }
            Type::Named(path) => return self.named(path),
            Type::Unknown(VarId::UNSET) | Type::Never => quote!(Infer),
            Type::Unknown(VarId(k)) => quote!(Same(#k)),
        };
        quote!(__op2::code::Type::#kind)
    }

    /// A struct or an alias. One that mentions generic parameters is known of a kernel, whose
    /// instances rustc makes; of a function it follows from the arguments.
    fn named(&self, path: &syn::Path) -> TokenStream {
        let words = words(path.to_token_stream());
        if words.iter().any(|word| word == "_") {
            return quote!(__op2::code::Type::Infer);
        }
        if !words.iter().any(|word| self.generic(word).is_some()) {
            return quote!(<#path as __op2::code::Shape>::SHAPE);
        }
        if self.kernel.flavor == Flavor::Function {
            return quote!(__op2::code::Type::Infer);
        }
        let mut shapes = self.shapes.borrow_mut();
        let text = |path: &syn::Path| path.to_token_stream().to_string();
        let known = shapes.iter().position(|known| text(known) == text(path));
        let k = known.unwrap_or_else(|| {
            shapes.push(path.clone());
            shapes.len() - 1
        });
        quote!(__op2::code::Type::Shape(#k))
    }

    pub(super) fn length(&self, len: &Len) -> TokenStream {
        let kind = match len {
            Len::Literal(len) => {
                let len = *len as usize;
                quote!(Known(#len))
            }
            Len::Name(name) => match (self.generic(name), self.local_const(name)) {
                (Some(k), _) => quote!(Param(#k)),
                (None, None) => quote!(Known(#name)),
                (None, Some(LocalKind::Const(Some(len)))) => {
                    let len = len as usize;
                    quote!(Known(#len))
                }
                (None, Some(_)) => quote!(Infer),
            },
            Len::Other(tokens) => {
                let words = words(tokens.clone());
                let inside =
                    |word: &Ident| self.generic(word).is_some() || self.local_const(word).is_some();
                if words.iter().any(inside) { quote!(Infer) } else { quote!(Known(#tokens)) }
            }
            Len::Unknown => quote!(Infer),
        };
        quote!(__op2::code::Length::#kind)
    }

    /// The constant of this name that the body declares, with its value if that is a literal.
    fn local_const(&self, name: &Ident) -> Option<LocalKind> {
        let of_body = |local: &&Local| matches!(local.kind, LocalKind::Const(_));
        let mut locals = self.kernel.locals.iter().filter(of_body);
        locals.find(|local| local.name == *name).map(|local| local.kind)
    }

    /// The generic arguments that a call writes.
    pub(super) fn arguments(&self, path: &syn::Path) -> Vec<TokenStream> {
        let Some(PathArguments::AngleBracketed(list)) =
            path.segments.last().map(|last| &last.arguments)
        else {
            return Vec::new();
        };
        let arguments = list.args.iter().map(|argument| {
            let kind = match argument {
                GenericArgument::Type(ty) => self.type_argument(ty),
                GenericArgument::Const(value) => self.const_argument(value),
                _ => quote!(Infer),
            };
            quote!(__op2::code::Argument::#kind)
        });
        arguments.collect()
    }

    fn type_argument(&self, ty: &syn::Type) -> TokenStream {
        let name = match ty {
            syn::Type::Path(path) if path.qself.is_none() => path.path.get_ident(),
            _ => None,
        };
        if let Some(k) = name.and_then(|name| self.generic(name)) {
            return quote!(Param(#k));
        }
        // `f::<N>`: rustc alone knows whether `N` is a type or a number, unless it stands elsewhere.
        if let Some(name) = name {
            let constants = self.kernel.constants.iter().map(|constant| &constant.ident);
            if constants.chain(&self.kernel.lengths).any(|known| known == name) {
                return quote!(Value(#name as i128));
            }
            let Some(scalar) = Scalar::from_name(&name.to_string()) else { return quote!(Infer) };
            let scalar = scalar_data(scalar);
            return quote!(Type(__op2::code::Type::Scalar(#scalar)));
        }
        let words = words(ty.to_token_stream());
        if words.iter().any(|word| word == "_" || self.generic(word).is_some()) {
            return quote!(Infer);
        }
        quote!(Type(<#ty as __op2::code::Shape>::SHAPE))
    }

    fn const_argument(&self, value: &syn::Expr) -> TokenStream {
        let words = words(value.to_token_stream());
        let inside =
            |word: &Ident| self.generic(word).is_some() || self.local_const(word).is_some();
        match words.as_slice() {
            [word] if self.generic(word).is_some() => {
                let k = self.generic(word).unwrap_or_default();
                quote!(Param(#k))
            }
            words if words.iter().any(inside) => quote!(Infer),
            _ => quote!(Value((#value) as i128)),
        }
    }
}

fn scalar_data(scalar: Scalar) -> TokenStream {
    let name = quote::format_ident!("{scalar:?}");
    quote!(__op2::code::Scalar::#name)
}

/// All names in some tokens.
fn words(tokens: TokenStream) -> Vec<Ident> {
    let mut found = Vec::new();
    for tree in tokens {
        match tree {
            TokenTree::Ident(name) => found.push(name),
            TokenTree::Group(group) => found.extend(words(group.stream())),
            _ => {}
        }
    }
    found
}

//! Signatures, types, lengths and generic arguments of the form for devices.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{GenericArgument, GenericParam, ItemConst, PathArguments};

use super::data::Writer;
use crate::kernel::Flavor;
use crate::kernel::ir::{Kernel, Len, Local, LocalKind, Scalar, Type, VarId};

impl Writer<'_> {
    /// All before the body.
    pub(super) fn signature(&mut self) {
        let kernel = self.kernel;
        let generics: Vec<&GenericParam> = kernel.generics.params.iter().collect();
        self.many(&generics, |writer, param| writer.parameter(param));
        self.word(kernel.params.len());
        self.word(kernel.locals.len());
        for local in &kernel.locals {
            self.in_body = !matches!(local.kind, LocalKind::Param(_));
            self.word(&local.name);
            self.local_type(local);
        }
        self.in_body = false;
        self.ty(&kernel.ret);
        self.in_body = true;
    }

    /// A type or const parameter.
    fn parameter(&mut self, param: &GenericParam) {
        match param {
            GenericParam::Const(param) => {
                let ty = param.ty.to_token_stream().to_string();
                let scalar = Scalar::from_name(&ty).unwrap_or(Scalar::Usize);
                self.word(format_args!("{} {}", param.ident, scalar.name()));
            }
            GenericParam::Type(param) => self.word(format_args!("{} type", param.ident)),
            GenericParam::Lifetime(param) => {
                self.word(format_args!("{} type", param.lifetime.ident));
            }
        }
    }

    /// The position of a type or const parameter.
    pub(super) fn generic(&self, name: &Ident) -> Option<usize> {
        self.kernel.generics.params.iter().position(|param| match param {
            GenericParam::Const(param) => param.ident == *name,
            GenericParam::Type(param) => param.ident == *name,
            GenericParam::Lifetime(_) => false,
        })
    }

    /// What the parameters of a kernel refer to stands in its `KernelInfo`, where the compiler says if
    /// it is not an element: once is enough.
    fn local_type(&mut self, local: &Local) {
        match (self.kernel.flavor, local.kind, &local.ty) {
            (Flavor::Kernel, LocalKind::Param(_), Type::Ref(mutable, _)) => {
                self.word(if *mutable { "&mut _" } else { "& _" });
            }
            _ => self.ty(&local.ty),
        }
    }

    pub(super) fn ty(&mut self, ty: &Type) {
        match ty {
            Type::Scalar(scalar) => self.word(scalar.name()),
            Type::Array(item, len) => {
                self.word("[");
                self.ty(item);
                self.length(len);
            }
            Type::Tuple(parts) => {
                self.word("(");
                self.many(parts, Self::ty);
            }
            Type::Ref(mutable, target) => {
                self.word(if *mutable { "&mut" } else { "&" });
                self.ty(target);
            }
            Type::Generic(name) => {
                let k = self.generic(name).unwrap_or_default();
                self.word(format_args!("param {k}"));
            }
            Type::Named(path) => self.named(path),
            Type::Unknown(VarId::UNSET) | Type::Never => self.word("_"),
            Type::Unknown(VarId(k)) => self.word(format_args!("same {k}")),
        }
    }

    /// A struct or an alias. One that mentions generic parameters is known of a kernel, whose
    /// instances rustc makes. In a function it follows from the arguments; if it is a struct, they
    /// also say what its parameters are.
    fn named(&mut self, path: &syn::Path) {
        let words = words(path.to_token_stream());
        if words.iter().any(|word| word == "_") {
            return self.word("_");
        }
        if !words.iter().any(|word| self.generic(word).is_some()) {
            let k = entry(&mut self.types, path.to_token_stream());
            return self.word(format_args!("named {k}"));
        }
        if self.kernel.flavor == Flavor::Function {
            let name = path.segments.last().map(|last| last.ident.to_string());
            self.word(format_args!("struct {}", name.unwrap_or_default()));
            return self.arguments(path);
        }
        let text = |path: &syn::Path| path.to_token_stream().to_string();
        let known = self.shapes.iter().position(|known| text(known) == text(path));
        let k = known.unwrap_or_else(|| {
            self.shapes.push(path.clone());
            self.shapes.len() - 1
        });
        self.word(format_args!("shape {k}"));
    }

    pub(super) fn length(&mut self, len: &Len) {
        let tokens = match len {
            Len::Literal(len) => return self.word(format_args!("is {len}")),
            Len::Name(name) => match self.length_parameter(name) {
                Some(k) => return self.word(format_args!("param {k}")),
                None => name.to_token_stream(),
            },
            Len::Other(tokens) => tokens.clone(),
            Len::Unknown => return self.word("_"),
        };
        match self.outside(tokens) {
            Some(tokens) => {
                let k = entry(&mut self.lengths, tokens);
                self.word(format_args!("known {k}"));
            }
            None => self.word("_"),
        }
    }

    /// A constant expression as it is written outside the fn, with the constants of the body that it
    /// needs; `None` if it mentions generic parameters, or a name of which there are several.
    fn outside(&self, tokens: TokenStream) -> Option<TokenStream> {
        let mut needed: Vec<&ItemConst> = Vec::new();
        let mut open = words(tokens.clone());
        while let Some(word) = open.pop() {
            if self.length_parameter(&word).is_some() {
                return None;
            }
            let count = self.constants_of_body(&word);
            if count == 0 || needed.iter().any(|item| item.ident == word) {
                continue;
            }
            let item = items(self.kernel).find(|item| item.ident == word);
            let item = item.filter(|_| count == 1)?;
            open.extend(words(item.expr.to_token_stream()));
            needed.push(item);
        }
        if needed.is_empty() { Some(tokens) } else { Some(quote!({ #(#needed)* #tokens })) }
    }

    /// How many constants of this name the body declares.
    fn constants_of_body(&self, name: &Ident) -> usize {
        let is_one =
            |local: &&Local| matches!(local.kind, LocalKind::Const(_)) && local.name == *name;
        if self.in_body { self.kernel.locals.iter().filter(is_one).count() } else { 0 }
    }

    /// The position of the const parameter, unless a constant of the body hides it.
    fn length_parameter(&self, name: &Ident) -> Option<usize> {
        self.generic(name).filter(|_| self.constants_of_body(name) == 0)
    }

    /// The generic arguments that a path writes.
    pub(super) fn arguments(&mut self, path: &syn::Path) {
        let Some(PathArguments::AngleBracketed(list)) =
            path.segments.last().map(|last| &last.arguments)
        else {
            return self.word(0);
        };
        let list: Vec<&GenericArgument> = list.args.iter().collect();
        self.many(&list, |writer, argument| match argument {
            GenericArgument::Type(ty) => writer.type_argument(ty),
            GenericArgument::Const(value) => writer.const_argument(value.to_token_stream()),
            _ => writer.word("_"),
        });
    }

    fn type_argument(&mut self, ty: &syn::Type) {
        let name = match ty {
            syn::Type::Path(path) if path.qself.is_none() => path.path.get_ident(),
            _ => None,
        };
        if let Some(name) = name {
            return self.name_argument(name);
        }
        let words = words(ty.to_token_stream());
        if words.iter().any(|word| word == "_" || self.generic(word).is_some()) {
            return self.word("_");
        }
        let k = entry(&mut self.types, ty.to_token_stream());
        self.word(format_args!("type named {k}"));
    }

    /// `f::<N>`: rustc alone knows whether `N` is a type or a number, unless it stands elsewhere.
    fn name_argument(&mut self, name: &Ident) {
        if let Some(k) = self.length_parameter(name) {
            return self.word(format_args!("param {k}"));
        }
        let constants = self.kernel.constants.iter().map(|constant| &constant.ident);
        if self.constants_of_body(name) > 0
            || constants.chain(&self.kernel.lengths).any(|known| known == name)
        {
            return self.const_argument(name.to_token_stream());
        }
        match Scalar::from_name(&name.to_string()) {
            Some(scalar) => self.word(format_args!("type {}", scalar.name())),
            None => self.word("_"),
        }
    }

    fn const_argument(&mut self, value: TokenStream) {
        if let [word] = words(value.clone()).as_slice()
            && let Some(k) = self.length_parameter(word)
        {
            return self.word(format_args!("param {k}"));
        }
        match self.outside(value) {
            Some(value) => {
                let k = entry(&mut self.values, value);
                self.word(format_args!("value {k}"));
            }
            None => self.word("_"),
        }
    }
}

/// The constants that a body declares for all of itself; those of inner blocks are not known everywhere.
fn items(kernel: &Kernel) -> impl Iterator<Item = &ItemConst> {
    kernel.rust_body.stmts.iter().filter_map(|stmt| match stmt {
        syn::Stmt::Item(syn::Item::Const(item)) => Some(item),
        _ => None,
    })
}

/// The position of an entry of a table, which is added if it is new.
fn entry(table: &mut Vec<TokenStream>, tokens: TokenStream) -> usize {
    let text = tokens.to_string();
    let known = table.iter().position(|known| known.to_string() == text);
    known.unwrap_or_else(|| {
        table.push(tokens);
        table.len() - 1
    })
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

//! The types of the kernel language, and how they are read from and written as Rust.
//!
//! A path that is none of the known names may be an element struct as well as an alias such
//! as `type Real = f64`: the macro cannot tell, so `Named` never contradicts another type.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Expr, GenericArgument, Lit, PathArguments};

use crate::errors::Errors;

/// The type of an expression, a local variable or a parameter.
#[derive(Clone, Debug)]
pub(crate) enum Type {
    /// A number or a bool.
    Scalar(Scalar),
    /// `[T; N]`.
    Array(Box<Type>, Len),
    /// `(A, B)`; the empty tuple is the type of statements.
    Tuple(Vec<Type>),
    /// A type parameter of the kernel, such as `T` in `T: Real`.
    Generic(Ident),
    /// An element struct or an alias: only rustc knows.
    Named(syn::Path),
    /// `&T` (false) or `&mut T` (true).
    Ref(bool, Box<Type>),
    /// The type of what never ends normally: `return`, `break`, `continue`.
    Never,
    /// A type that only rustc knows. Equal numbers are equal types.
    Unknown(VarId),
}

/// Number of an unknown type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct VarId(pub(crate) usize);

impl VarId {
    /// Not yet visited by inference; also the `_` of a type that the user wrote.
    pub(crate) const UNSET: Self = Self(usize::MAX);
}

/// Length of an array.
#[derive(Clone, Debug)]
pub(crate) enum Len {
    /// A literal.
    Literal(u64),
    /// A const generic or a constant.
    Name(Ident),
    /// Another constant expression, as written.
    Other(TokenStream),
    /// Only rustc knows.
    Unknown,
}

/// The numbers that kernels compute with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scalar {
    F64,
    F32,
    I32,
    I64,
    U32,
    U64,
    U8,
    Usize,
    Bool,
}

impl Scalar {
    const ALL: [(&'static str, Self); 9] = [
        ("f64", Self::F64),
        ("f32", Self::F32),
        ("i32", Self::I32),
        ("i64", Self::I64),
        ("u32", Self::U32),
        ("u64", Self::U64),
        ("u8", Self::U8),
        ("usize", Self::Usize),
        ("bool", Self::Bool),
    ];

    /// The scalar of this Rust name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, scalar)| *scalar)
    }

    /// The Rust name.
    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, scalar)| *scalar == self).map_or("", |(name, _)| name)
    }

    /// Whether this is a floating-point type.
    pub(crate) fn is_float(self) -> bool {
        matches!(self, Self::F64 | Self::F32)
    }

    /// Whether this is an integer type.
    pub(crate) fn is_integer(self) -> bool {
        !self.is_float() && self != Self::Bool
    }

    /// The unsigned integer of the same width, as `abs_diff` returns it.
    pub(crate) fn unsigned(self) -> Self {
        match self {
            Self::I32 => Self::U32,
            Self::I64 => Self::U64,
            other => other,
        }
    }
}

impl Type {
    /// The type of statements.
    pub(crate) fn unit() -> Self {
        Self::Tuple(Vec::new())
    }

    /// What inference has not visited yet.
    pub(crate) fn unset() -> Self {
        Self::Unknown(VarId::UNSET)
    }

    /// The value type behind any number of references.
    pub(crate) fn value(&self) -> &Type {
        match self {
            Self::Ref(_, target) => target.value(),
            other => other,
        }
    }

    /// Whether operators on this type are integer or bool operators for certain.
    pub(crate) fn is_integer_or_bool(&self) -> bool {
        matches!(self, Self::Scalar(scalar) if !scalar.is_float())
    }

    /// The type as Rust tokens at `span`; `None` if a part of it is unknown or borrowed, so
    /// that it is better left to rustc.
    pub(crate) fn to_rust(&self, span: Span) -> Option<TokenStream> {
        Some(match self {
            Self::Scalar(scalar) => Ident::new(scalar.name(), span).into_token_stream(),
            Self::Array(element, len) => {
                let (element, len) = (element.to_rust(span)?, len.to_rust()?);
                quote!([#element; #len])
            }
            Self::Tuple(parts) => {
                let parts =
                    parts.iter().map(|part| part.to_rust(span)).collect::<Option<Vec<_>>>()?;
                quote!((#(#parts,)*))
            }
            Self::Generic(name) => name.to_token_stream(),
            Self::Named(path) => path.to_token_stream(),
            Self::Ref(..) | Self::Never | Self::Unknown(_) => return None,
        })
    }
}

impl Len {
    /// Reads the length of an array type or of `[x; N]`.
    pub(crate) fn read(len: &Expr) -> Self {
        match len {
            Expr::Lit(syn::ExprLit { lit: Lit::Int(digits), .. }) => {
                digits.base10_parse().map_or_else(|_| Self::Other(quote!(#len)), Self::Literal)
            }
            Expr::Path(path) => match path.path.get_ident() {
                Some(name) => Self::Name(name.clone()),
                None => Self::Other(quote!(#len)),
            },
            Expr::Group(group) => Self::read(&group.expr),
            Expr::Infer(_) => Self::Unknown,
            _ => Self::Other(quote!(#len)),
        }
    }

    /// The length as Rust tokens, if known.
    pub(crate) fn to_rust(&self) -> Option<TokenStream> {
        match self {
            Self::Literal(len) => {
                Some(proc_macro2::Literal::u64_unsuffixed(*len).into_token_stream())
            }
            Self::Name(name) => Some(name.to_token_stream()),
            Self::Other(tokens) => Some(tokens.clone()),
            Self::Unknown => None,
        }
    }
}

/// Reads the types that a user wrote.
pub(crate) struct TypeReader<'a> {
    /// Where refused types are reported.
    pub(crate) errors: &'a Errors,
    /// Names of the type parameters.
    pub(crate) type_params: Vec<Ident>,
    /// `#[kernel(host)]`: types outside the language are not refused.
    pub(crate) host: bool,
}

impl TypeReader<'_> {
    /// The type; what is outside the language is reported and becomes unknown.
    pub(crate) fn read(&self, ty: &syn::Type) -> Type {
        match ty {
            syn::Type::Array(array) => {
                Type::Array(Box::new(self.read(&array.elem)), Len::read(&array.len))
            }
            syn::Type::Tuple(tuple) => {
                Type::Tuple(tuple.elems.iter().map(|part| self.read(part)).collect())
            }
            syn::Type::Paren(inner) => self.read(&inner.elem),
            syn::Type::Group(inner) => self.read(&inner.elem),
            syn::Type::Reference(target) => {
                Type::Ref(target.mutability.is_some(), Box::new(self.read(&target.elem)))
            }
            syn::Type::Path(path) if path.qself.is_none() => self.read_path(&path.path),
            syn::Type::Infer(_) => Type::unset(),
            syn::Type::Slice(_) => self.refuse(
                ty,
                "a slice has no fixed length",
                "give the length: `&[f64; 4]`, or a const generic: `&[f64; N]`",
            ),
            _ => self.refuse(ty, "this type cannot be used in a kernel", KNOWN_TYPES),
        }
    }

    fn read_path(&self, path: &syn::Path) -> Type {
        if let Some(name) = path.get_ident() {
            if self.type_params.contains(name) {
                return Type::Generic(name.clone());
            }
            if let Some(scalar) = Scalar::from_name(&name.to_string()) {
                return Type::Scalar(scalar);
            }
            if OTHER_PRIMITIVES.contains(&name.to_string().as_str()) {
                let message = format!("`{name}` is not a type of the kernel language");
                return self.refuse(path, &message, KNOWN_TYPES);
            }
        }
        Type::Named(path.clone())
    }

    fn refuse(&self, tokens: impl ToTokens, message: &str, hint: &str) -> Type {
        if !self.host {
            self.errors.on(tokens, message, hint);
        }
        Type::unset()
    }
}

/// The type arguments of the last segment of a path, lifetimes left out.
pub(crate) fn type_arguments(path: &syn::Path) -> Vec<&syn::Type> {
    let Some(PathArguments::AngleBracketed(list)) =
        path.segments.last().map(|last| &last.arguments)
    else {
        return Vec::new();
    };
    let types = list.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.collect()
}

const KNOWN_TYPES: &str = "use f64 f32 i32 i64 u32 u64 u8 bool, arrays `[T; N]` of these, \
                           or a struct with `#[derive(op2::Element)]`";

const OTHER_PRIMITIVES: [&str; 8] = ["i8", "i16", "i128", "u16", "u128", "isize", "char", "str"];

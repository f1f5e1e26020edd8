//! The head of a kernel: `#[kernel(..)]`'s options, the kind of fn, its parameters.

use proc_macro2::{Ident, TokenStream};
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{Attribute, FnArg, GenericParam, ItemFn, Pat, PatIdent, PatType, ReturnType, Safety};

use super::Flavor;
use super::ir::{Mode, Options, Param, Scalar, Type};
use super::types::{TypeReader, type_arguments};
use crate::errors::Errors;

/// Reads `lanes = 8` and `host`.
pub(crate) fn options(attr: TokenStream, flavor: Flavor, errors: &Errors) -> Options {
    let mut options = Options::default();
    if flavor == Flavor::Function {
        if !attr.is_empty() {
            errors.on(attr, "`#[op2::function]` takes no options", "");
        }
        return options;
    }
    let parser = syn::meta::parser(|meta| {
        if meta.path.is_ident("host") {
            options.host = true;
        } else if meta.path.is_ident("lanes") {
            let count: syn::LitInt = meta.value()?.parse()?;
            match count.base10_parse() {
                Ok(lanes @ (1 | 2 | 4 | 8 | 16 | 32 | 64)) => options.lanes = Some(lanes),
                _ => errors.on(count, "this number of lanes is not available", LANES),
            }
        } else {
            errors.on(meta.path, "unknown option of `#[op2::kernel]`", OPTIONS);
        }
        Ok(())
    });
    if let Err(error) = syn::parse::Parser::parse2(parser, attr) {
        errors.push(error);
    }
    options
}

const LANES: &str = "write 1, 2, 4, 8, 16, 32 or 64";
const OPTIONS: &str = "there are `lanes = 8`, the elements of a vector block, and `host`, any \
                       Rust in the body but no devices";

/// Refuses the kinds of fn that cannot be kernels.
pub(crate) fn check_fn(item: &ItemFn, flavor: Flavor, options: Options, errors: &Errors) {
    let word = flavor.word();
    let sig = &item.sig;
    let refuse = |tokens: TokenStream, kind: &str| {
        errors.on(tokens, format_args!("a {word} cannot be {kind}"), "write a plain `fn`");
    };
    if let Some(token) = &sig.constness {
        refuse(quote::quote!(#token), "a `const fn`");
    }
    if let Some(token) = &sig.asyncness {
        refuse(quote::quote!(#token), "`async`");
    }
    if let Safety::Unsafe(token) = &sig.safety {
        refuse(quote::quote!(#token), "`unsafe`");
    }
    if let Some(abi) = &sig.abi {
        refuse(quote::quote!(#abi), "`extern`");
    }
    if let Some(variadic) = &sig.variadic {
        refuse(quote::quote!(#variadic), "variadic");
    }
    check_generics(item, word, errors);
    check_output(item, flavor, errors);
    check_cfg(item, options, errors);
}

fn check_generics(item: &ItemFn, word: &str, errors: &Errors) {
    for param in &item.sig.generics.params {
        if let GenericParam::Lifetime(lifetime) = param {
            let hint = "leave it out: references in the parameter list need no lifetime";
            errors.on(lifetime, format_args!("a {word} has no lifetime parameters"), hint);
        }
    }
}

fn check_output(item: &ItemFn, flavor: Flavor, errors: &Errors) {
    if let (Flavor::Kernel, ReturnType::Type(_, ty)) = (flavor, &item.sig.output)
        && !matches!(&**ty, syn::Type::Tuple(tuple) if tuple.elems.is_empty())
    {
        let hint = "hand results out through a parameter: `Write<T>`, `Inc<T>`, `&mut T`";
        errors.on(ty, "a kernel returns nothing", hint);
    }
}

/// Refuses `cfg` inside a kernel: the macro would read code that rustc then leaves out. The
/// body of a host kernel is not lowered, so it may have any.
fn check_cfg(item: &ItemFn, options: Options, errors: &Errors) {
    let mut finder = CfgFinder { errors };
    for attr in &item.attrs {
        finder.visit_attribute(attr);
    }
    finder.visit_signature(&item.sig);
    if !options.host {
        finder.visit_block(&item.block);
    }
}

struct CfgFinder<'a> {
    errors: &'a Errors,
}

impl Visit<'_> for CfgFinder<'_> {
    fn visit_attribute(&mut self, attr: &Attribute) {
        if attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr") {
            let hint = "put it before `#[op2::kernel]`, or write two kernels";
            self.errors.on(attr, "`cfg` cannot be used inside a kernel", hint);
        }
    }
}

/// Reads the parameters; those that are refused are left out.
pub(crate) fn params(item: &ItemFn, flavor: Flavor, types: &TypeReader<'_>) -> Vec<Param> {
    let read = |input: &FnArg| match input {
        FnArg::Receiver(receiver) => {
            let hint = "pass what it needs as parameters of a free `fn`";
            let message = format_args!("a {} has no `self`", flavor.word()).to_string();
            types.errors.on(receiver, message, hint);
            None
        }
        FnArg::Typed(typed) => param(typed, flavor, types),
    };
    item.sig.inputs.iter().filter_map(read).collect()
}

fn param(typed: &PatType, flavor: Flavor, types: &TypeReader<'_>) -> Option<Param> {
    let binding = binding(&typed.pat, types.errors);
    let (mode, value_ty) = match flavor {
        Flavor::Kernel => kernel_mode(typed, types.errors)?,
        Flavor::Function => function_mode(typed, types.errors)?,
    };
    let (name, mutable_binding) = binding?;
    let ty = value_type(&value_ty, mode, types);
    let written_ty = (*typed.ty).clone();
    Some(Param { name, mode, mutable_binding, value_ty, written_ty, ty, fully_written: false })
}

fn binding(pat: &Pat, errors: &Errors) -> Option<(Ident, bool)> {
    match pat {
        Pat::Ident(PatIdent { by_ref: None, subpat: None, ident, mutability, .. }) => {
            Some((ident.clone(), mutability.is_some()))
        }
        Pat::Wild(_) => {
            errors.on(pat, "a parameter needs a name", "write `_name` if it is not used");
            None
        }
        _ => {
            let hint = "name the parameter and take it apart in the body: `let a = q[0];`";
            errors.on(pat, "a parameter cannot be a pattern", hint);
            None
        }
    }
}

/// `&T`, `&mut T` or one of the four mode aliases, by the last segment of the path.
fn kernel_mode(typed: &PatType, errors: &Errors) -> Option<(Mode, syn::Type)> {
    match without_parens(&typed.ty) {
        syn::Type::Reference(target) => {
            let mode = if target.mutability.is_some() { Mode::Rw } else { Mode::Read };
            Some((mode, (*target.elem).clone()))
        }
        syn::Type::Path(path) if path.qself.is_none() && mode_of(&path.path).is_some() => {
            aliased(&path.path, errors)
        }
        syn::Type::ImplTrait(_) => {
            let hint = "name the type: `fn kernel<T: Real>(x: &T, ..)`";
            errors.on(&typed.ty, "a kernel parameter cannot be `impl Trait`", hint);
            None
        }
        _ => {
            let ty = &typed.ty;
            let ty = quote::quote!(#ty).to_string().replace(' ', "");
            let message = format!("`{ty}` does not say how the kernel uses the parameter");
            errors.on(&typed.ty, message, KERNEL_PARAMS);
            None
        }
    }
}

const KERNEL_PARAMS: &str = "write `&T` (Read), `&mut T` (Rw), `Write<T>`, `Inc<T>`, `Min<T>` or \
                             `Max<T>`; a plain value is passed by `value(Read)` to a `&T`";

fn mode_of(path: &syn::Path) -> Option<Mode> {
    match path.segments.last()?.ident.to_string().as_str() {
        "Write" => Some(Mode::Write),
        "Inc" => Some(Mode::Inc),
        "Min" => Some(Mode::Min),
        "Max" => Some(Mode::Max),
        _ => None,
    }
}

fn aliased(path: &syn::Path, errors: &Errors) -> Option<(Mode, syn::Type)> {
    let mode = mode_of(path)?;
    if let [value] = type_arguments(path).as_slice() {
        return Some((mode, (*value).clone()));
    }
    let name = mode.name();
    let hint = format_args!("write `{name}<f64>` or `{name}<[f64; 4]>`").to_string();
    errors.on(path, format_args!("`{name}` takes one type: the value of one element"), hint);
    None
}

/// A value, `&T` or `&mut T`.
fn function_mode(typed: &PatType, errors: &Errors) -> Option<(Mode, syn::Type)> {
    match without_parens(&typed.ty) {
        syn::Type::Reference(target) => {
            let mode = if target.mutability.is_some() { Mode::Rw } else { Mode::Read };
            Some((mode, (*target.elem).clone()))
        }
        syn::Type::Path(path) if path.qself.is_none() && is_alias(&path.path) => {
            let hint = "take and return values, or take `&T` and `&mut T`";
            errors.on(&typed.ty, "a function has no access modes", hint);
            None
        }
        syn::Type::ImplTrait(_) => {
            let hint = "name the type: `fn function<T: Real>(x: T) -> T`";
            errors.on(&typed.ty, "a function parameter cannot be `impl Trait`", hint);
            None
        }
        other => Some((Mode::Value, other.clone())),
    }
}

fn is_alias(path: &syn::Path) -> bool {
    mode_of(path).is_some() && type_arguments(path).len() == 1
}

fn value_type(value_ty: &syn::Type, mode: Mode, types: &TypeReader<'_>) -> Type {
    let errors = types.errors;
    let ty = types.read(value_ty);
    if let Type::Ref(..) = ty {
        let hint = "one reference is enough: `&f64`, `&[f64; 4]`";
        errors.on(value_ty, "a parameter cannot be a reference to a reference", hint);
    } else if mode != Mode::Value && holds_usize(&ty) {
        let hint = "use `u32` or `u64`, and `as usize` where it is an index";
        errors.on(value_ty, "data cannot be `usize`: its width differs between machines", hint);
    }
    ty
}

fn holds_usize(ty: &Type) -> bool {
    match ty {
        Type::Scalar(scalar) => *scalar == Scalar::Usize,
        Type::Array(element, _) => holds_usize(element),
        Type::Tuple(parts) => parts.iter().any(holds_usize),
        _ => false,
    }
}

fn without_parens(ty: &syn::Type) -> &syn::Type {
    match ty {
        syn::Type::Paren(inner) => without_parens(&inner.elem),
        syn::Type::Group(inner) => without_parens(&inner.elem),
        other => other,
    }
}

/// The return type, unit if there is none.
pub(crate) fn output(item: &ItemFn, types: &TypeReader<'_>) -> Type {
    let ReturnType::Type(_, ty) = &item.sig.output else { return Type::unit() };
    let read = types.read(ty);
    if let Type::Ref(..) = read {
        let hint = "return the value: numbers, arrays and element structs are copied";
        types.errors.at(ty.span(), "a function cannot return a reference", hint);
    }
    read
}

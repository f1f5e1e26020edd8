//! From the user's tokens to the IR: names are resolved, types still open.
//!
//! The tokens are edited on the way: constants get their new names, and a `let` without a
//! type gets a placeholder that `annotate` replaces once inference is done. What the language
//! does not know is reported, or kept as opaque tokens in host kernels. `block` reads
//! statements, `control` the branching ones, `expr` values, `call` calls, `path` names.

mod block;
mod call;
mod control;
mod expr;
mod opaque;
mod path;

use std::fmt::Display;

use proc_macro2::{Ident, Span};
use quote::{ToTokens, format_ident};
use syn::ItemFn;

use super::Flavor;
use super::cost::Cost;
use super::ir::{
    Block, ConstantUse, Expr, Kernel, Local, LocalId, LocalKind, Mode, Options, Param, Type,
};
use super::scope::Scope;
use super::signature;
use super::types::TypeReader;
use crate::errors::Errors;

/// Reads a whole fn. Types, `fully_written` and the cost are left to later stages.
pub(crate) fn kernel(item: &ItemFn, options: Options, flavor: Flavor, errors: &Errors) -> Kernel {
    signature::check_fn(item, flavor, options, errors);
    let type_params = item.sig.generics.type_params().map(|param| param.ident.clone()).collect();
    let types = TypeReader { errors, type_params, host: options.host };
    let params = signature::params(item, flavor, &types);
    let ret = signature::output(item, &types);
    let mut rust_body = (*item.block).clone();
    let mut parser = Parser::new(item, options, types, &params);
    let body = parser.body(&mut rust_body, flavor);
    let Parser { locals, constants, functions, mut outer_names, .. } = parser;
    if options.host {
        // They may be bound by a pattern that was not looked into.
        outer_names.clear();
    }
    Kernel {
        flavor,
        name: item.sig.ident.clone(),
        vis: item.vis.clone(),
        attrs: item.attrs.clone(),
        generics: item.sig.generics.clone(),
        params,
        ret,
        output: item.sig.output.clone(),
        locals,
        body,
        rust_body,
        constants,
        lengths: Vec::new(),
        outer_names,
        scalar_names: Vec::new(),
        functions,
        options,
        cost: Cost::default(),
    }
}

struct Parser<'a> {
    errors: &'a Errors,
    types: TypeReader<'a>,
    host: bool,
    /// Const generics with their types.
    const_params: Vec<(Ident, Type)>,
    scope: Scope,
    locals: Vec<Local>,
    constants: Vec<ConstantUse>,
    functions: Vec<syn::Path>,
    outer_names: Vec<Ident>,
    /// Variables whose value the language does not know: what they do was reported there.
    not_understood: Vec<LocalId>,
    /// Inside the value of a `const`, where names of outer constants keep their meaning.
    in_const: bool,
}

impl<'a> Parser<'a> {
    fn new(item: &ItemFn, options: Options, types: TypeReader<'a>, params: &[Param]) -> Self {
        let generics = &item.sig.generics;
        let const_params =
            generics.const_params().map(|param| (param.ident.clone(), types.read(&param.ty)));
        let mut parser = Self {
            errors: types.errors,
            host: options.host,
            const_params: const_params.collect(),
            types,
            scope: Scope::new(),
            locals: Vec::new(),
            constants: Vec::new(),
            functions: Vec::new(),
            outer_names: Vec::new(),
            not_understood: Vec::new(),
            in_const: false,
        };
        for (k, param) in params.iter().enumerate() {
            let ty = passed_as(param);
            parser.bind(&param.name, LocalKind::Param(k), param.mutable_binding, ty);
        }
        parser
    }

    fn body(&mut self, tokens: &mut syn::Block, flavor: Flavor) -> Block {
        let mut body = self.block(tokens);
        if flavor == Flavor::Kernel {
            body.drop_value();
        }
        body
    }

    /// Makes a local variable and binds its name from here on.
    fn bind(&mut self, name: &Ident, kind: LocalKind, mutable: bool, ty: Type) -> LocalId {
        let id = self.declare(name, kind, mutable, ty);
        self.scope.bind(name.to_string(), id);
        id
    }

    /// Makes a local variable whose name is not visible yet.
    fn declare(&mut self, name: &Ident, kind: LocalKind, mutable: bool, ty: Type) -> LocalId {
        self.locals.push(Local { name: name.clone(), kind, mutable, ty });
        LocalId(self.locals.len() - 1)
    }

    /// The constant of this name; its first use makes it known.
    fn constant(&mut self, name: &Ident) -> usize {
        if let Some(k) = self.constants.iter().position(|known| known.ident == *name) {
            return k;
        }
        let renamed = format_ident!("__const_{}", name, span = hidden(name.span()));
        self.constants.push(ConstantUse { ident: name.clone(), renamed, ty: Type::unset() });
        self.constants.len() - 1
    }

    /// Reports what the language does not have; host kernels keep it as it is.
    fn refuse(&mut self, node: &mut syn::Expr, message: impl Display, hint: impl Display) -> Expr {
        if !self.host {
            self.errors.on(offending_token(node), message, hint);
        }
        self.opaque(node)
    }
}

/// What names the macro makes up: they cannot clash with the user's.
fn hidden(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

fn passed_as(param: &Param) -> Type {
    match param.mode {
        Mode::Value => param.ty.clone(),
        Mode::Read => Type::Ref(false, Box::new(param.ty.clone())),
        _ => Type::Ref(true, Box::new(param.ty.clone())),
    }
}

/// The token that tells a reader what an expression is: the keyword, the macro's or the
/// method's name; all of the expression where no token stands out.
fn offending_token(node: &syn::Expr) -> proc_macro2::TokenStream {
    use syn::Expr;
    match node {
        Expr::Macro(inner) => inner.mac.path.to_token_stream(),
        Expr::MethodCall(inner) => inner.method.to_token_stream(),
        Expr::Unsafe(inner) => inner.unsafe_token.to_token_stream(),
        Expr::Async(inner) => inner.async_token.to_token_stream(),
        Expr::Await(inner) => inner.await_token.to_token_stream(),
        Expr::Try(inner) => inner.question_token.to_token_stream(),
        Expr::Let(inner) => inner.let_token.to_token_stream(),
        Expr::Const(inner) => inner.const_token.to_token_stream(),
        Expr::While(inner) => inner.while_token.to_token_stream(),
        Expr::ForLoop(inner) => inner.expr.to_token_stream(),
        Expr::Loop(inner) => inner.loop_token.to_token_stream(),
        Expr::Break(inner) => inner.break_token.to_token_stream(),
        Expr::Continue(inner) => inner.continue_token.to_token_stream(),
        Expr::Return(inner) => inner.return_token.to_token_stream(),
        other => other.to_token_stream(),
    }
}

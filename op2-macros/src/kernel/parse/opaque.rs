//! Rust that the kernel language does not know, kept as tokens.
//!
//! Which parameters the tokens name is recorded: what happens to them there is unknown, so
//! the access rules refuse all but Read and Rw. Constants get their new names here, too.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr as Tokens, Macro, Pat};

use super::Parser;
use super::block::is_upper_case;
use crate::kernel::ir::{Expr, ExprKind, LocalId, LocalKind, Opaque, Type};

impl Parser<'_> {
    /// Keeps an expression as it is, constants renamed.
    pub(super) fn opaque(&mut self, tokens: &mut Tokens) -> Expr {
        let span = tokens.span();
        let mentions = self.mentions(&tokens.to_token_stream());
        Renamer { parser: self }.visit_expr_mut(tokens);
        let opaque = Opaque { tokens: tokens.to_token_stream(), mentions };
        Expr::new(ExprKind::Opaque(opaque), span)
    }

    /// Keeps a macro call as it is, constants renamed.
    pub(super) fn opaque_macro(&mut self, tokens: &mut Macro) -> Opaque {
        let mentions = self.mentions(&tokens.tokens);
        Renamer { parser: self }.visit_macro_mut(tokens);
        Opaque { tokens: quote!(#tokens), mentions }
    }

    /// Binds every name of a pattern that is not looked into.
    pub(super) fn bind_all(&mut self, pat: &Pat) {
        for name in names(&pat.to_token_stream()) {
            self.bind(&name, LocalKind::Let, true, Type::unset());
        }
    }

    /// The locals that the tokens name, also in a format string: `"{res}"`.
    fn mentions(&self, tokens: &TokenStream) -> Vec<(LocalId, proc_macro2::Span)> {
        let mut found = Vec::new();
        for name in names(tokens) {
            if let Some(local) = self.scope.lookup(&name.to_string()) {
                found.push((local, name.span()));
            }
        }
        found
    }
}

/// Gives the constants in opaque tokens their new names.
struct Renamer<'p, 'a> {
    parser: &'p mut Parser<'a>,
}

impl Renamer<'_, '_> {
    fn rename(&mut self, name: &mut Ident) {
        let bound = self.parser.scope.lookup(&name.to_string()).is_some()
            || self.parser.const_params.iter().any(|(param, _)| param == name)
            || self.parser.types.type_params.contains(name);
        if !bound && is_upper_case(name) {
            let k = self.parser.constant(name);
            let mut renamed = self.parser.constants[k].renamed.clone();
            renamed.set_span(super::hidden(name.span()));
            *name = renamed;
        }
    }

    /// In a macro there is no grammar to go by: a name is renamed unless it is part of a path,
    /// a field or another macro.
    fn rename_tokens(&mut self, tokens: TokenStream) -> TokenStream {
        let mut trees: Vec<TokenTree> = tokens.into_iter().collect();
        for k in 0..trees.len() {
            let after = |c| is_punct(k.checked_sub(1).and_then(|k| trees.get(k)), c);
            let before = |c| is_punct(trees.get(k + 1), c);
            let alone = !after('.') && !after(':') && !before(':') && !before('!');
            match &mut trees[k] {
                TokenTree::Ident(name) if alone => self.rename(name),
                TokenTree::Group(group) => {
                    let inner = self.rename_tokens(group.stream());
                    let mut renamed = Group::new(group.delimiter(), inner);
                    renamed.set_span(group.span());
                    *group = renamed;
                }
                _ => {}
            }
        }
        trees.into_iter().collect()
    }
}

impl VisitMut for Renamer<'_, '_> {
    fn visit_expr_path_mut(&mut self, node: &mut syn::ExprPath) {
        if node.qself.is_none() && node.path.get_ident().is_some() {
            self.rename(&mut node.path.segments[0].ident);
        }
    }

    fn visit_expr_call_mut(&mut self, node: &mut syn::ExprCall) {
        // The callee is a function or a tuple struct, whatever its case.
        if !matches!(&*node.func, Tokens::Path(_)) {
            self.visit_expr_mut(&mut node.func);
        }
        node.args.iter_mut().for_each(|arg| self.visit_expr_mut(arg));
    }

    fn visit_macro_mut(&mut self, node: &mut Macro) {
        let tokens = std::mem::take(&mut node.tokens);
        node.tokens = self.rename_tokens(tokens);
    }

    // The length of an array has to stay a constant of the compiler; patterns have no values.
    fn visit_type_mut(&mut self, _: &mut syn::Type) {}

    fn visit_pat_mut(&mut self, _: &mut Pat) {}

    fn visit_expr_repeat_mut(&mut self, node: &mut syn::ExprRepeat) {
        self.visit_expr_mut(&mut node.expr);
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_expr_mut(&mut self, node: &mut Tokens) {
        visit_mut::visit_expr_mut(self, node);
    }
}

/// Every identifier in the tokens that may name a variable, and every `{name` in their string
/// literals. Methods, fields and parts of paths are left out.
fn names(tokens: &TokenStream) -> Vec<Ident> {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut found = Vec::new();
    for (k, tree) in trees.iter().enumerate() {
        let follows = |n: usize, c| is_punct(k.checked_sub(n).and_then(|k| trees.get(k)), c);
        match tree {
            TokenTree::Ident(name) => {
                let is_member = follows(1, '.') && !follows(2, '.');
                let is_segment = follows(1, ':') && follows(2, ':');
                if !is_member && !is_segment {
                    found.push(name.clone());
                }
            }
            TokenTree::Group(group) => found.extend(names(&group.stream())),
            TokenTree::Literal(literal) => found.extend(captured(literal)),
            TokenTree::Punct(_) => {}
        }
    }
    found
}

/// The variables that a format string names, as in `"{x} {y:.3}"`.
fn captured(literal: &proc_macro2::Literal) -> Vec<Ident> {
    let text = literal.to_string();
    let parts = text.split('{').skip(1).filter(|_| text.starts_with('"'));
    let names = parts.filter_map(|part| {
        let end = part.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(part.len());
        let mut name = syn::parse_str::<Ident>(&part[..end]).ok()?;
        name.set_span(literal.span());
        Some(name)
    });
    names.collect()
}

fn is_punct(tree: Option<&TokenTree>, c: char) -> bool {
    matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == c)
}

//! Writes the inferred types into the user's `let`s, so that rustc checks the inference.
//!
//! The parser marks each simple `let` without a type by a placeholder type that carries the
//! number of its local; here the placeholder becomes the type, or goes away where the type is
//! not known for certain.

use proc_macro2::{Ident, Span};
use syn::visit_mut::{self, VisitMut};
use syn::{Pat, PatType, Type as TypeTokens};

use super::ir::{Kernel, LocalId, Type};

const PREFIX: &str = "__op2_type_of_";

/// Marks `let x = ..` for later.
pub(crate) fn add_placeholder(pat: &mut Pat, local: LocalId) {
    let name = Ident::new(&format!("{PREFIX}{}", local.0), Span::mixed_site());
    let inner = pat.clone();
    *pat = Pat::Type(PatType {
        attrs: Vec::new(),
        pat: Box::new(inner),
        colon_token: syn::token::Colon::default(),
        ty: Box::new(TypeTokens::Path(syn::TypePath {
            attrs: Vec::new(),
            qself: None,
            path: name.into(),
        })),
    });
}

/// Replaces every placeholder in `kernel.rust_body`.
pub(crate) fn write_types(kernel: &mut Kernel) {
    let locals = kernel.locals.iter().map(|local| (local.name.span(), local.ty.clone()));
    let known = !kernel.options.host;
    Writer { locals: locals.collect(), known }.visit_block_mut(&mut kernel.rust_body);
}

struct Writer {
    locals: Vec<(Span, Type)>,
    known: bool,
}

impl VisitMut for Writer {
    fn visit_local_mut(&mut self, node: &mut syn::Local) {
        if let Some((pat, local)) = placeholder(&node.pat) {
            node.pat = match self.annotation(local) {
                Some(ty) => typed(pat, ty),
                None => pat,
            };
        }
        visit_mut::visit_local_mut(self, node);
    }
}

impl Writer {
    fn annotation(&self, local: usize) -> Option<TypeTokens> {
        let (span, ty) = self.locals.get(local).filter(|_| self.known)?;
        let tokens = ty.to_rust(*span)?;
        syn::parse2(tokens).ok()
    }
}

fn typed(pat: Pat, ty: TypeTokens) -> Pat {
    Pat::Type(PatType {
        attrs: Vec::new(),
        pat: Box::new(pat),
        colon_token: syn::token::Colon::default(),
        ty: Box::new(ty),
    })
}

/// The pattern and the number behind a placeholder.
fn placeholder(pat: &Pat) -> Option<(Pat, usize)> {
    let Pat::Type(PatType { pat, ty, .. }) = pat else { return None };
    let TypeTokens::Path(path) = &**ty else { return None };
    let name = path.path.get_ident()?.to_string();
    let local = name.strip_prefix(PREFIX)?.parse().ok()?;
    Some(((**pat).clone(), local))
}

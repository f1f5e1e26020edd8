//! The grammar of a loop call. Arguments look like calls, so that editors and rustfmt know them.

use proc_macro2::Span;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, Ident, Token};

use super::model::{Arg, DataArg, LoopCall, MODES, Via};
use crate::errors::Errors;

const SHAPE: &str = "a loop is written `par_loop!(kernel, set, dat(Mode), dat(Mode, map[k]), ..)`";
const ARGUMENT: &str =
    "an argument is `dat(Mode)`, `dat(Mode, map)`, `dat(Mode, map[k])` or `index()`";

/// The macro's input: a path, then expressions.
pub(crate) struct Input {
    kernel: syn::Path,
    space: Expr,
    args: Punctuated<Expr, Token![,]>,
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.is_empty() {
            let message = format!("the loop has no kernel\n  hint: {SHAPE}");
            return Err(syn::Error::new(Span::call_site(), message));
        }
        let kernel = ungrouped(input.parse()?);
        let Expr::Path(kernel) = kernel else {
            let message = format!("a loop begins with the name of a kernel\n  hint: {SHAPE}");
            return Err(syn::Error::new_spanned(kernel, message));
        };
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
        if input.is_empty() {
            let message = format!("the loop has no set to run over\n  hint: {SHAPE}");
            return Err(syn::Error::new_spanned(kernel, message));
        }
        let space = ungrouped(input.parse()?);
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
        let args = input.parse_terminated(Expr::parse, Token![,])?;
        Ok(Self { kernel: kernel.path, space, args })
    }
}

impl Input {
    /// The loop; arguments that cannot be understood are reported and left out.
    pub(crate) fn into_model(self, errors: &Errors) -> LoopCall {
        let args = self.args.into_iter().filter_map(|expr| argument(expr, errors)).collect();
        LoopCall { kernel: self.kernel, space: self.space, args }
    }
}

fn argument(expr: Expr, errors: &Errors) -> Option<Arg> {
    let tokens = expr.to_token_stream();
    let (data, inputs) = match ungrouped(expr) {
        Expr::Call(call) => (ungrouped(*call.func), call.args),
        // `mesh.q(Read)` is the field `q` of `mesh`.
        Expr::MethodCall(call) if call.turbofish.is_none() => {
            let (receiver, name) = (&call.receiver, &call.method);
            (syn::parse_quote!(#receiver.#name), call.args)
        }
        Expr::Reference(borrow) => {
            let hint = "leave out the `&`: a loop borrows what it is given";
            errors.on(borrow, "an argument is named, not borrowed", hint);
            return None;
        }
        other => {
            errors.on(other, "this argument has no access mode", ARGUMENT);
            return None;
        }
    };
    if inputs.is_empty() && is_index(&data) {
        return Some(Arg::Index { tokens });
    }
    let mut inputs = inputs.into_iter();
    let Some(first) = inputs.next() else {
        errors.on(data, "this argument has no access mode", ARGUMENT);
        return None;
    };
    let second = inputs.next();
    if let Some(mode) = second.as_ref().and_then(known_mode) {
        let hint = format!("write `{}({mode}, {})`", text(&data), text(&first));
        errors.on(first, "the access mode comes before the map", hint);
        return None;
    }
    let mode = access_mode(&first, errors);
    if let Some(more) = inputs.next() {
        let hint = format!("one entry of a map is written `{}[{}]`", text(&second), text(&more));
        errors.on(more, "an argument has a mode and at most one map", hint);
        return None;
    }
    let via = second.map_or(Via::Direct, through);
    Some(Arg::Data(Box::new(DataArg { data, mode: mode?, via, tokens })))
}

fn is_index(data: &Expr) -> bool {
    matches!(data, Expr::Path(path) if path.path.is_ident("index"))
}

/// The name of a mode, however the user got there: `Read`, `mode::Read`.
fn known_mode(mode: &Expr) -> Option<Ident> {
    let Expr::Path(path) = mode else { return None };
    let name = path.path.segments.last().map(|segment| segment.ident.clone());
    name.filter(|name| MODES.contains(&name.to_string().as_str()))
}

fn access_mode(mode: &Expr, errors: &Errors) -> Option<Ident> {
    let known = known_mode(mode);
    if known.is_none() {
        let shown = text(mode);
        let hint = match meant(&shown) {
            Some(name) => format!("write `{name}`"),
            None => format!("modes are {}", MODES.join(", ")),
        };
        errors.on(mode, format!("`{shown}` is not an access mode"), hint);
    }
    known
}

/// What `read`, `OP_READ`, `ReadWrite` stand for.
fn meant(written: &str) -> Option<&'static str> {
    let written = written.to_lowercase().replace('_', "");
    let written = written.strip_prefix("op").unwrap_or(&written);
    if written == "readwrite" {
        return Some("Rw");
    }
    MODES.into_iter().find(|mode| mode.to_lowercase() == written)
}

fn through(map: Expr) -> Via {
    match ungrouped(map) {
        Expr::Index(index) => Via::Entry { map: index.expr, entry: index.index },
        map => Via::Whole(Box::new(map)),
    }
}

/// Without the invisible brackets around what a user's macro passes on.
fn ungrouped(expr: Expr) -> Expr {
    match expr {
        Expr::Group(group) => ungrouped(*group.expr),
        expr => expr,
    }
}

/// Tokens as a user writes them.
fn text(tokens: &impl ToTokens) -> String {
    let mut text = tokens.to_token_stream().to_string();
    for (spaced, plain) in [(" [", "["), (" . ", "."), (" (", "("), (" :: ", "::"), ("& ", "&")] {
        text = text.replace(spaced, plain);
    }
    text
}

//! The grammar of a loop call. Arguments look like calls, so that editors and rustfmt know them.

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
            return Err(input.error(format!("the loop has no kernel\n  hint: {SHAPE}")));
        }
        let kernel: Expr = input.parse()?;
        let Expr::Path(kernel) = kernel else {
            let message = format!("a kernel is named by a path\n  hint: {SHAPE}");
            return Err(syn::Error::new_spanned(kernel, message));
        };
        if input.is_empty() {
            let message = format!("the loop has no set to run over\n  hint: {SHAPE}");
            return Err(syn::Error::new_spanned(kernel, message));
        }
        input.parse::<Token![,]>()?;
        if input.is_empty() {
            let message = format!("the loop has no set to run over\n  hint: {SHAPE}");
            return Err(syn::Error::new_spanned(kernel, message));
        }
        let space = input.parse()?;
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
    let (data, inputs) = match expr {
        Expr::Call(call) => (*call.func, call.args),
        // `mesh.q(Read)` is the field `q` of `mesh`.
        Expr::MethodCall(call) if call.turbofish.is_none() => {
            let (receiver, name) = (&call.receiver, &call.method);
            (syn::parse_quote!(#receiver.#name), call.args)
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
    let Some(mode) = inputs.next() else {
        errors.on(data, "this argument has no access mode", ARGUMENT);
        return None;
    };
    let mode = access_mode(&mode, errors);
    let via = inputs.next().map_or(Via::Direct, through);
    if let Some(more) = inputs.next() {
        errors.on(more, "this argument has more than a mode and a map", ARGUMENT);
        return None;
    }
    Some(Arg::Data(Box::new(DataArg { data, mode: mode?, via, tokens })))
}

fn is_index(data: &Expr) -> bool {
    matches!(data, Expr::Path(path) if path.path.is_ident("index"))
}

fn access_mode(mode: &Expr, errors: &Errors) -> Option<Ident> {
    let name = match mode {
        Expr::Path(path) => path.path.segments.last().map(|segment| segment.ident.clone()),
        _ => None,
    };
    let known = name.filter(|name| MODES.contains(&name.to_string().as_str()));
    if known.is_none() {
        let shown = mode.to_token_stream();
        let message = format!("`{shown}` is not an access mode");
        errors.on(mode, message, format!("modes are {}", MODES.join(", ")));
    }
    known
}

fn through(map: Expr) -> Via {
    match map {
        Expr::Index(index) => Via::Entry { map: index.expr, entry: index.index },
        map => Via::Whole(Box::new(map)),
    }
}

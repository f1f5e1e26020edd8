//! The grammar of a loop call. Arguments look like calls, so that editors and rustfmt know them.
//!
//! A name in lower case in the brackets of a matrix's map, or in `index(i)`, is a local index of the
//! loop, in all its arguments. Everywhere else brackets hold constants.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, Ident, Token};

use super::model::{Arg, DataArg, LoopCall, MODES, Part, Route, Via};
use crate::errors::Errors;

const SHAPE: &str = "a loop is written `par_loop!(kernel, set, dat(Mode), dat(Mode, map[k]), ..)`";
const ARGUMENT: &str = "an argument is `dat(Mode)`, `dat(Mode, map)`, `dat(Mode, map[k])`, `matrix(Mode, rows, columns)` or `index()`";

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
        let args: Vec<Written> =
            self.args.into_iter().filter_map(|expr| written(expr, errors)).collect();
        let indices = local_indices(&args);
        let given = args.len();
        let args: Vec<Arg> =
            args.into_iter().filter_map(|arg| argument(arg, &indices, errors)).collect();
        if args.len() == given {
            check_extents(&indices, &args, errors);
        }
        LoopCall { kernel: self.kernel, space: self.space, args, indices }
    }
}

/// An argument, taken apart.
struct Written {
    /// What is called.
    data: Expr,
    inputs: Vec<Expr>,
    tokens: TokenStream,
}

/// `data(..)`.
fn written(expr: Expr, errors: &Errors) -> Option<Written> {
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
    Some(Written { data, inputs: inputs.into_iter().map(ungrouped).collect(), tokens })
}

/// The names that stand for local indices, each once.
fn local_indices(args: &[Written]) -> Vec<Ident> {
    let mut indices: Vec<Ident> = Vec::new();
    for Written { data, inputs, .. } in args {
        let names: Vec<&Expr> = match &inputs[..] {
            [index] if is_index(data) => vec![index],
            [_, rows, columns] => [rows, columns].into_iter().filter_map(in_brackets).collect(),
            _ => Vec::new(),
        };
        for name in names.into_iter().filter_map(index_name) {
            if !indices.contains(name) {
                indices.push(name.clone());
            }
        }
    }
    indices
}

/// `k` of `map[k]`.
fn in_brackets(map: &Expr) -> Option<&Expr> {
    match map {
        Expr::Index(index) => Some(&index.index),
        _ => None,
    }
}

/// A name in lower case, as constants and const generics have none.
fn index_name(entry: &Expr) -> Option<&Ident> {
    let Expr::Path(path) = entry else { return None };
    let name = path.path.get_ident()?;
    let text = name.to_string();
    (text.starts_with(char::is_lowercase) && !text.contains(char::is_uppercase)).then_some(name)
}

/// Which local index is named.
fn axis(entry: &Expr, indices: &[Ident]) -> Option<usize> {
    index_name(entry).and_then(|name| indices.iter().position(|index| index == name))
}

/// Every index runs over the entries of some map.
fn check_extents(indices: &[Ident], args: &[Arg], errors: &Errors) {
    for (axis, name) in indices.iter().enumerate() {
        let through =
            |route: &Route| matches!(route.part, Part::Point { axis: a, .. } if a == axis);
        let used = args.iter().any(|arg| match arg {
            Arg::Data(arg) => arg.via.routes().any(through),
            Arg::Index { .. } | Arg::Point { .. } => false,
        });
        if !used {
            let hint = "`index()` is the number of the element; a local index `i` is that of maps such as `nodes[i]`";
            errors.on(name, format!("no map of this loop is used with the index `{name}`"), hint);
        }
    }
}

fn argument(written: Written, indices: &[Ident], errors: &Errors) -> Option<Arg> {
    let Written { data, inputs, tokens } = written;
    match &inputs[..] {
        [] if is_index(&data) => return Some(Arg::Index { tokens }),
        [input] if is_index(&data) && index_name(input).is_some() => {
            let axis = axis(input, indices)?;
            return Some(Arg::Point { axis, tokens });
        }
        _ => {}
    }
    let mut inputs = inputs.into_iter();
    let Some(first) = inputs.next() else {
        errors.on(data, "this argument has no access mode", ARGUMENT);
        return None;
    };
    let (second, third) = (inputs.next(), inputs.next());
    if let Some(mode) = second.as_ref().and_then(known_mode) {
        let hint = format!("write `{}({mode}, {})`", text(&data), text(&first));
        errors.on(first, "the access mode comes before the map", hint);
        return None;
    }
    let mode = access_mode(&first, errors);
    let fourth = inputs.next();
    let not_a_map = third.iter().chain(&fourth).find(|expr| matches!(expr, Expr::Lit(_)));
    if let Some(more) = not_a_map {
        let hint = format!("one entry of a map is written `{}[{}]`", text(&second), text(more));
        errors.on(more, "this is not a map", hint);
        return None;
    }
    if let Some(more) = fourth {
        let hint = "a dat takes one map; a matrix takes one to its rows and one to its columns";
        errors.on(more, "an argument has a mode and at most two maps", hint);
        return None;
    }
    let via = match (second, third) {
        (None, _) => Via::Direct,
        (Some(map), None) => Via::Map(Box::new(through(map, indices))),
        (Some(rows), Some(columns)) => {
            let (rows, columns) = (through(rows, indices), through(columns, indices));
            if matches!(rows.part, Part::All) != matches!(columns.part, Part::All) {
                let hint = "write `matrix(Inc, rows, columns)` for all entries that an element couples, or `matrix(Inc, rows[i], columns[j])` for one at a time";
                errors.on(
                    &columns.map,
                    "one map is whole, and of the other one entry is named",
                    hint,
                );
                return None;
            }
            Via::Maps(Box::new(rows), Box::new(columns))
        }
    };
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

fn through(map: Expr, indices: &[Ident]) -> Route {
    let Expr::Index(index) = map else { return Route { map, part: Part::All } };
    let entry = ungrouped(*index.index);
    let part = match axis(&entry, indices).zip(index_name(&entry).cloned()) {
        Some((axis, name)) => Part::Point { axis, name },
        None => Part::One(entry),
    };
    Route { map: *index.expr, part }
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

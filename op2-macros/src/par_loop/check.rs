//! What can be known from the loop's text alone.

use quote::ToTokens;
use syn::{Expr, UnOp};

use super::model::{Arg, DataArg, LoopCall, Part, Route, Via};
use crate::errors::Errors;

/// Reports every rule that the text breaks.
pub(crate) fn check(call: &LoopCall, errors: &Errors) {
    let args: Vec<&DataArg> = call.args.iter().filter_map(data).collect();
    for (i, arg) in args.iter().enumerate() {
        arg.via.routes().for_each(|route| negative_entry(route, errors));
        for other in args[..i].iter().filter(|other| same_place(&arg.data, &other.data)) {
            if !(two_modes(arg, other, errors) || written_twice(arg, other, errors)) {
                continue;
            }
            // One error for an argument is enough, however often the dat occurs before it.
            break;
        }
    }
}

/// Entries are counted from 0: refuses `map[-1]`.
fn negative_entry(route: &Route, errors: &Errors) {
    if let Part::One(entry) = &route.part
        && matches!(entry, Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)))
    {
        errors.on(entry, "the entries of a map are numbered from 0", "");
    }
}

/// The same dat in modes that make the answer depend on the order of elements: refuses
/// `q(Read, edge_cells[0]), q(Inc, edge_cells[1])`. Different names of one dat are found when the
/// loop runs.
fn two_modes(arg: &DataArg, other: &DataArg, errors: &Errors) -> bool {
    if arg.mode == other.mode {
        return false;
    }
    let name = text(&arg.data);
    errors.on(
        &arg.data,
        format!(
            "`{name}` is passed both as {} and as {}: the answer would depend on the order of elements",
            other.mode, arg.mode
        ),
        "use one mode for it in this loop, or another dat for the result",
    );
    true
}

/// Two arguments that write the same value of each element: refuses `q(Write), q(Write)` and
/// `q(Rw, edge_cells[0]), q(Rw, edge_cells[0])`.
fn written_twice(arg: &DataArg, other: &DataArg, errors: &Errors) -> bool {
    let overwrites = arg.mode == "Write" || arg.mode == "Rw";
    if !(overwrites && same_way(&arg.via, &other.via)) {
        return false;
    }
    let name = text(&arg.data);
    let message = format!("`{name}` is passed twice as {}, and both are the same value", arg.mode);
    errors.on(&arg.data, message, "pass it once");
    true
}

fn same_way(a: &Via, b: &Via) -> bool {
    match (a, b) {
        (Via::Direct, Via::Direct) => true,
        (Via::Map(a), Via::Map(b)) => same_route(a, b),
        (Via::Maps(a, c), Via::Maps(b, d)) => same_route(a, b) && same_route(c, d),
        _ => false,
    }
}

fn same_route(a: &Route, b: &Route) -> bool {
    let same_part = match (&a.part, &b.part) {
        (Part::All, Part::All) => true,
        (Part::One(i), Part::One(j)) => text(i) == text(j),
        (Part::Point { axis: i, .. }, Part::Point { axis: j, .. }) => i == j,
        _ => false,
    };
    same_place(&a.map, &b.map) && same_part
}

/// Two names of one thing; calls may return a new one each time.
fn same_place(a: &Expr, b: &Expr) -> bool {
    is_place(a) && text(a) == text(b)
}

fn is_place(expr: &Expr) -> bool {
    match expr {
        Expr::Path(_) => true,
        Expr::Field(field) => is_place(&field.base),
        Expr::Index(index) => is_place(&index.expr),
        Expr::Paren(inner) => is_place(&inner.expr),
        _ => false,
    }
}

fn text(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string().replace(' ', "")
}

fn data(arg: &Arg) -> Option<&DataArg> {
    match arg {
        Arg::Data(data) => Some(data),
        Arg::Index { .. } | Arg::Point { .. } => None,
    }
}

//! The IR as text for people: snapshots, reports, and places in error messages.
//!
//! Types are written where they were inferred: on `let`s, literals and calls. An implied
//! dereference is shown as `*`; a type that only rustc knows as `?1`.

use std::fmt::Write;

use super::Lower;
use super::text_expr::{Printer, block};
use crate::kernel::Flavor;
use crate::kernel::ir::{Expr, Kernel, Mode, Param};

/// The readable form.
pub(crate) struct Text;

impl Lower for Text {
    type Output = String;

    fn lower(&self, kernel: &Kernel) -> String {
        let printer = Printer { kernel, typed: true };
        let mut out = head(kernel, &printer);
        out.push_str(&facts(kernel, &printer));
        block(&printer, &kernel.body, 0, &mut out);
        out.push('\n');
        out
    }
}

/// An expression as the user would write it.
pub(crate) fn source(kernel: &Kernel, expr: &Expr) -> String {
    Printer { kernel, typed: false }.expr(expr)
}

fn head(kernel: &Kernel, printer: &Printer<'_>) -> String {
    let word = kernel.flavor.word();
    let generics = &kernel.generics.params;
    let generics = quote::quote!(#generics).to_string().replace(" :", ":").replace(" ,", ",");
    let mut out = format!("{word} {}", kernel.name);
    if !generics.is_empty() {
        let _ = write!(out, "<{generics}>");
    }
    out.push_str("(\n");
    for param in &kernel.params {
        let _ = writeln!(out, "    {},", parameter(param, printer));
    }
    out.push(')');
    if kernel.flavor == Flavor::Function {
        let _ = write!(out, " -> {}", printer.ty(&kernel.ret));
    }
    out.push('\n');
    out
}

fn parameter(param: &Param, printer: &Printer<'_>) -> String {
    let binding = if param.mutable_binding { "mut " } else { "" };
    let whole = match param.mode {
        Mode::Write if param.fully_written => " fully written",
        Mode::Write => " partly written",
        _ => "",
    };
    let (name, mode, ty) = (&param.name, param.mode.name(), printer.ty(&param.ty));
    format!("{binding}{name}: {mode} {ty}{whole}")
}

/// What the body was found to use and to cost.
fn facts(kernel: &Kernel, printer: &Printer<'_>) -> String {
    let constants = kernel.constants.iter().map(|c| format!("{}: {}", c.ident, printer.ty(&c.ty)));
    let path = |path: &syn::Path| quote::quote!(#path).to_string().replace(' ', "");
    let mut out = String::new();
    let mut fact = |word: &str, list: Vec<String>| {
        if !list.is_empty() {
            let _ = writeln!(out, "{word}: {}", list.join(", "));
        }
    };
    fact("constants", constants.collect());
    fact("lengths", kernel.lengths.iter().map(ToString::to_string).collect());
    fact("outer names", kernel.outer_names.iter().map(ToString::to_string).collect());
    fact("functions", kernel.functions.iter().map(path).collect());
    fact("taken for scalars", kernel.scalar_names.iter().map(path).collect());
    fact("lanes", kernel.options.lanes.iter().map(ToString::to_string).collect());
    let cost = kernel.cost;
    let parts = [
        (cost.flops, "flops"),
        (cost.divisions, "divisions"),
        (cost.square_roots, "square roots"),
        (cost.transcendentals, "transcendentals"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    fact("cost", parts.map(|(count, word)| format!("{count} {word}")).collect());
    out
}

//! The access rules, one fn each. Read is left to rustc; Rw allows everything.

use super::access::{Assigned, Extremum, Use, UseKind, uses};
use super::assigned::analyze;
use super::intrinsics::Intrinsic;
use super::ir::{BinaryOp, Expr, ExprKind, Kernel, Mode, Param, Type};
use super::visit::each_expr_mut;
use crate::errors::Errors;

/// Reports every use that a mode does not allow, and finds out what is fully written.
pub(crate) fn check(kernel: &mut Kernel, errors: &Errors) {
    for found in uses(kernel) {
        let param = &kernel.params[found.param];
        match param.mode {
            Mode::Inc => check_inc(param, &found, errors),
            Mode::Min => check_extremum(param, Extremum::Min, &found, errors),
            Mode::Max => check_extremum(param, Extremum::Max, &found, errors),
            Mode::Write => check_write(param, &found, errors),
            Mode::Read | Mode::Rw | Mode::Value => continue,
        }
        // After an error, opaque tokens stand for what was reported already.
        if kernel.options.host {
            check_opaque(param, &found, errors);
        }
    }
    check_early_reads(kernel, errors);
    check_extrema_of_references(kernel, errors);
}

/// Refuses all but `res[0] += f` and `res[0] -= f`:
/// `res[0] = f`, `res[0] *= f`, `let r = res[0]`, `helper(res)`.
fn check_inc(param: &Param, found: &Use, errors: &Errors) {
    let name = &param.name;
    let what = match &found.kind {
        UseKind::Update { op: BinaryOp::Add | BinaryOp::Sub, .. } | UseKind::Opaque => return,
        UseKind::Update { .. } | UseKind::Assign { .. } | UseKind::CompareAndAssign { .. } => {
            "it can only be changed by `+=` or `-=`"
        }
        UseKind::Read => "it cannot be read, only changed by `+=` or `-=`",
        UseKind::Passed { .. } => "it cannot be handed to a function",
        UseKind::Borrowed => "it cannot be borrowed",
        UseKind::Moved => "it cannot be copied or replaced",
    };
    let hint = match &found.kind {
        UseKind::Assign { place, value: Assigned::Update { op: BinaryOp::Add, value } } => {
            format!("write `{place} += {value}`")
        }
        UseKind::Assign { place, value: Assigned::Update { op: BinaryOp::Sub, value } } => {
            format!("write `{place} -= {value}`")
        }
        UseKind::Assign { place, value: Assigned::FromItself } => format!("write `{place} += ..`"),
        UseKind::Assign { .. } => {
            format!("to replace the value, declare `{name}: {}`", as_mode(param, Mode::Write))
        }
        UseKind::Passed { function } => {
            let place = part(param);
            format!("let `{function}` return the increment, then write `{place} += ..`")
        }
        UseKind::Read => format!(
            "other elements add to it in any order; to read the old value too, \
             declare `{name}: {}`",
            as_mode(param, Mode::Rw)
        ),
        _ => "sum up in a local variable, then add that".to_owned(),
    };
    errors.at(found.span, format_args!("`{name}` is an Inc parameter: {what}"), hint);
}

/// Refuses in a Min parameter all but `*m = (*m).min(v)`: `*m = v`, `*m = (*m).max(v)`,
/// `*m += v`, `let a = *m`, `if v < *m { *m = v; }`. Likewise for Max.
fn check_extremum(param: &Param, wanted: Extremum, found: &Use, errors: &Errors) {
    let (method, other) = match wanted {
        Extremum::Min => ("min", "max"),
        Extremum::Max => ("max", "min"),
    };
    let (name, mode) = (&param.name, param.mode.name());
    let only = format!("it can only be combined by `{method}`");
    let (what, hint) = match &found.kind {
        UseKind::Opaque => return,
        UseKind::Assign { value: Assigned::Combined(combined), .. } if *combined == wanted => {
            return;
        }
        UseKind::Assign { place, value: Assigned::Combined(_) } => (
            format!("it cannot be combined by `{other}`"),
            format!(
                "write `{place} = {}.{method}(..)`, or declare {}",
                receiver(place),
                opposite(param)
            ),
        ),
        UseKind::CompareAndAssign { place, value } => {
            (only, format!("write `{place} = {}.{method}({value})`", receiver(place)))
        }
        UseKind::Assign { place, .. } | UseKind::Update { place, .. } => {
            (only, format!("write `{place} = {}.{method}(..)`", receiver(place)))
        }
        UseKind::Passed { function } => (
            "it cannot be handed to a function".to_owned(),
            format!("let `{function}` return a value, then combine by `{method}`"),
        ),
        UseKind::Read => (
            format!("it cannot be read, only combined by `{method}`"),
            "other elements change it in any order".to_owned(),
        ),
        UseKind::Borrowed | UseKind::Moved => {
            (only, format!("find the {method} in a local variable, then combine that"))
        }
    };
    errors.at(found.span, format_args!("`{name}` is a {mode} parameter: {what}"), hint);
}

/// Refuses `helper(q)`, `let r = q`: nobody could tell what is assigned there.
fn check_write(param: &Param, found: &Use, errors: &Errors) {
    let name = &param.name;
    let what = match &found.kind {
        UseKind::Passed { .. } => "it cannot be handed to a function",
        UseKind::Borrowed => "it cannot be borrowed",
        UseKind::Moved => "it cannot be copied or replaced as a reference",
        _ => return,
    };
    let hint = match &found.kind {
        UseKind::Passed { function } => format!("let `{function}` return the value, and assign it"),
        _ => format!("compute in a local variable, then assign: `*{name} = ..`"),
    };
    errors.at(found.span, format_args!("`{name}` is a Write parameter: {what}"), hint);
}

/// Refuses `println!("{}", res[0])`, even in a host kernel.
fn check_opaque(param: &Param, found: &Use, errors: &Errors) {
    if let UseKind::Opaque = found.kind {
        let (name, mode) = (&param.name, param.mode.name());
        let article = if param.mode == Mode::Inc { "an" } else { "a" };
        let hint = format!("use it in plain statements only, or declare `{name}: &mut T` (Rw)");
        let what = "what happens to it here cannot be checked";
        errors.at(found.span, format_args!("`{name}` is {article} {mode} parameter: {what}"), hint);
    }
}

/// Refuses `q[0] = q[1]` before `q[1]` is assigned.
fn check_early_reads(kernel: &mut Kernel, errors: &Errors) {
    let (early, full) = analyze(kernel);
    for read in early {
        let param = &kernel.params[read.param];
        let name = &param.name;
        let message = format_args!(
            "`{name}` is a Write parameter: it can be read only after it was assigned on every path"
        );
        let hint = format!("to read the old value, declare `{name}: {}`", as_mode(param, Mode::Rw));
        errors.at(read.span, message, hint);
    }
    for param in full {
        kernel.params[param].fully_written = true;
    }
}

/// Refuses `x.min(y)` with two references: integers compare the references in Rust, floats
/// do not compile.
fn check_extrema_of_references(kernel: &mut Kernel, errors: &Errors) {
    let mut found = Vec::new();
    each_expr_mut(&mut kernel.body, &mut |expr| {
        if let ExprKind::Intrinsic { intrinsic, args, .. } = &expr.kind
            && matches!(intrinsic, Intrinsic::Min | Intrinsic::Max | Intrinsic::Clamp)
            && args.iter().any(is_reference)
        {
            found.push((expr.span, intrinsic.spec().name));
        }
    });
    for (span, name) in found {
        let hint = format!("write `(*a).{name}(*b)`");
        errors.at(span, format_args!("`{name}` takes values, not references"), hint);
    }
}

fn is_reference(arg: &Expr) -> bool {
    matches!(arg.ty, Type::Ref(..))
}

/// `*m` in front of a method.
fn receiver(place: &str) -> String {
    if place.starts_with('*') { format!("({place})") } else { place.to_owned() }
}

/// How a part of the parameter that can be incremented is written.
fn part(param: &Param) -> String {
    match param.ty {
        Type::Array(..) => format!("{}[i]", param.name),
        _ => format!("*{}", param.name),
    }
}

/// The parameter's type under another mode.
fn as_mode(param: &Param, mode: Mode) -> String {
    let ty = &param.value_ty;
    let ty = quote::quote!(#ty).to_string().replace(' ', "").replace(';', "; ");
    match mode {
        Mode::Rw => format!("&mut {ty}"),
        other => format!("{}<{ty}>", other.name()),
    }
}

fn opposite(param: &Param) -> String {
    let mode = if param.mode == Mode::Min { Mode::Max } else { Mode::Min };
    format!("`{}: {}`", param.name, as_mode(param, mode))
}

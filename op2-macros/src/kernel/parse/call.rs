//! Calls: methods of numbers, functions by path, and the two written alike, `f64::sqrt(x)`.

use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr as Tokens, Path, Token};

use super::Parser;
use super::expr::{HOST, text};
use crate::kernel::intrinsics::{Arg, Intrinsic, suggestion};
use crate::kernel::ir::{Expr, ExprKind, Scalar, Type};

impl Parser<'_> {
    /// `x.sqrt()`: only what the table of intrinsics has.
    pub(super) fn method_call(&mut self, tokens: &mut Tokens) -> Expr {
        let Tokens::MethodCall(call) = tokens else { return self.opaque(tokens) };
        let name = call.method.to_string();
        let span = call.method.span();
        if name == "len" && call.args.is_empty() {
            let array = Box::new(self.expr(&mut call.receiver));
            return Expr::new(ExprKind::ArrayLen(array), span);
        }
        let Some(intrinsic) = Intrinsic::from_name(&name).filter(|_| call.turbofish.is_none())
        else {
            let message = format!("method `{name}` cannot be used here");
            return self.refuse(tokens, message, method_hint(&name));
        };
        let wanted = intrinsic.spec().args.len();
        if call.args.len() != wanted {
            return self.refuse(tokens, wrong_count(&name, wanted), "");
        }
        if intrinsic == Intrinsic::FromF64 {
            let hint = "write `T::from_f64(0.5)`";
            return self.refuse(tokens, "`from_f64` is not a method", hint);
        }
        let mut args = vec![self.expr(&mut call.receiver)];
        args.extend(call.args.iter_mut().map(|arg| self.expr(arg)));
        Expr::new(ExprKind::Intrinsic { intrinsic, of: None, args }, span)
    }

    /// `flux(a, b)`, `f64::max(a, b)`, `T::from_f64(0.5)`, `f64::from(n)`.
    pub(super) fn call(&mut self, tokens: &mut Tokens) -> Expr {
        let Tokens::Call(call) = tokens else { return self.opaque(tokens) };
        let Tokens::Path(path) = &*call.func else {
            let hint = "a kernel calls functions by their name";
            return self.refuse(tokens, "only a named function can be called", hint);
        };
        if path.qself.is_some() {
            let hint = "write `T::sqrt(x)` or `x.sqrt()`";
            return self.refuse(tokens, "this form of path cannot be used here", hint);
        }
        let path = path.path.clone();
        if let Some(local) = path.get_ident().and_then(|name| self.scope.lookup(&name.to_string()))
        {
            if self.not_understood.contains(&local) {
                return self.opaque(tokens);
            }
            let name = self.locals[local.0].name.to_string();
            let message = format!("`{name}` is a variable, not a function");
            return self.refuse(tokens, message, "write a fn marked `#[op2::function]`");
        }
        let args = &mut call.args;
        match self.number_type(&path) {
            Some(of) => match self.associated(&path, of, args) {
                Some(value) => value,
                None => self.refuse_associated(tokens, &path),
            },
            None if starts_upper(&path) => {
                let hint = "build a struct with named fields: `Point { x: .., y: .. }`";
                self.refuse(tokens, format!("`{}` is not a function", text(&path)), hint)
            }
            None => self.function(path, args),
        }
    }

    /// The type before `::` if it is a number type or a type parameter.
    pub(super) fn number_type(&self, path: &Path) -> Option<Type> {
        if path.segments.len() != 2 || path.leading_colon.is_some() {
            return None;
        }
        let name = &path.segments[0].ident;
        if self.types.type_params.contains(name) {
            return Some(Type::Generic(name.clone()));
        }
        Scalar::from_name(&name.to_string()).map(Type::Scalar)
    }

    fn associated(
        &mut self,
        path: &Path,
        of: Type,
        args: &mut Punctuated<Tokens, Token![,]>,
    ) -> Option<Expr> {
        let method = &path.segments[1].ident;
        let span = method.span();
        if method == "from" && matches!(of, Type::Scalar(_)) && args.len() == 1 {
            let value = Box::new(self.expr(&mut args[0]));
            return Some(Expr::new(ExprKind::Cast { value, to: of, lossless: true }, span));
        }
        let intrinsic = Intrinsic::from_name(&method.to_string())?;
        let wanted: &[Arg] = intrinsic.spec().args;
        if args.len() != wanted.len() + 1 {
            return None;
        }
        let args = args.iter_mut().map(|arg| self.expr(arg)).collect();
        Some(Expr::new(ExprKind::Intrinsic { intrinsic, of: Some(of), args }, span))
    }

    fn refuse_associated(&mut self, tokens: &mut Tokens, path: &Path) -> Expr {
        let method = path.segments[1].ident.to_string();
        let known = Intrinsic::from_name(&method).map(|found| found.spec().args.len() + 1);
        let (message, hint) = match known {
            Some(count) => (wrong_count(&text(path), count), String::new()),
            None => (format!("`{}` cannot be used here", text(path)), method_hint(&method)),
        };
        if !self.host {
            self.errors.on(path, message, hint);
        }
        self.opaque(tokens)
    }

    fn function(&mut self, path: Path, args: &mut Punctuated<Tokens, Token![,]>) -> Expr {
        let span = path.segments.last().map_or_else(|| path.span(), |last| last.ident.span());
        let function = (!self.host).then(|| self.known_function(&path));
        let args = args.iter_mut().map(|arg| self.argument(arg)).collect();
        Expr::new(ExprKind::Call { function, path, args }, span)
    }

    fn known_function(&mut self, path: &Path) -> usize {
        let same = |known: &Path| text(known) == text(path);
        if let Some(k) = self.functions.iter().position(same) {
            return k;
        }
        self.functions.push(path.clone());
        self.functions.len() - 1
    }
}

fn wrong_count(name: &str, count: usize) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("`{name}` takes {count} argument{plural} here")
}

fn starts_upper(path: &Path) -> bool {
    let name = path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
    name.starts_with(|c: char| c.is_ascii_uppercase())
}

fn method_hint(name: &str) -> String {
    if let Some(known) = suggestion(name) {
        return format!("did you mean `{known}`?");
    }
    match name {
        "iter" | "iter_mut" | "into_iter" | "zip" | "enumerate" | "map" | "sum" | "fold"
        | "for_each" | "step_by" => "loop over a range and index: `for i in 0..4 { .. q[i] .. }`",
        "clone" | "to_owned" | "copied" => "numbers and arrays are copied: `let b = a;`",
        "into" | "try_into" | "from" | "try_from" => "write `as f64` and the like",
        "unwrap" | "expect" => "a kernel cannot fail",
        _ => return format!("numbers have sqrt, abs, min and the like; {HOST}"),
    }
    .to_owned()
}

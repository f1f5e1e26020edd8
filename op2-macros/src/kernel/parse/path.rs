//! Names: locals, constants, const generics, associated constants.

use proc_macro2::Ident;
use syn::{Expr as Tokens, Path};

use super::Parser;
use super::block::is_upper_case;
use super::expr::text;
use crate::kernel::ir::{Expr, ExprKind, Scalar, Type};
use crate::kernel::named::{is_associated_const, math_constant};

impl Parser<'_> {
    pub(super) fn path(&mut self, tokens: &mut Tokens) -> Expr {
        let Tokens::Path(node) = tokens else { return self.opaque(tokens) };
        if node.qself.is_some() {
            let hint = "write `T::ZERO`";
            return self.refuse(tokens, "this form of path cannot be used here", hint);
        }
        if let Some(name) = node.path.get_ident() {
            let name = name.clone();
            let kind = self.name(&name);
            if let ExprKind::Constant(k) = kind {
                let mut renamed = self.constants[k].renamed.clone();
                renamed.set_span(super::hidden(name.span()));
                node.path = Path::from(renamed);
            }
            return Expr::new(kind, name.span());
        }
        match self.associated_const(&node.path) {
            Some(value) => value,
            None => self.refuse_path(tokens),
        }
    }

    /// A name that stands alone.
    fn name(&mut self, name: &Ident) -> ExprKind {
        if let Some(local) = self.scope.lookup(&name.to_string()) {
            return ExprKind::Local(local);
        }
        if self.const_params.iter().any(|(param, _)| param == name) {
            return ExprKind::ConstGeneric(name.clone());
        }
        if !is_upper_case(name) {
            self.outer_names.push(name.clone());
            return ExprKind::Outer(name.clone());
        }
        if self.in_const {
            if !self.host {
                let message = format!("`{name}` cannot be used in a `const` of a kernel");
                self.errors.on(name, message, "write `let` in place of `const`");
            }
            return ExprKind::Outer(name.clone());
        }
        ExprKind::Constant(self.constant(name))
    }

    /// `f64::EPSILON`, `f64::consts::PI`, `std::f64::consts::PI`, `T::ZERO`.
    fn associated_const(&self, path: &Path) -> Option<Expr> {
        let names: Vec<String> = path.segments.iter().map(|part| part.ident.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let names = match names.as_slice() {
            ["std" | "core", rest @ ..] => rest,
            all => all,
        };
        let of = match names {
            [width @ ("f64" | "f32"), "consts", name] if math_constant(name).is_some() => {
                Type::Scalar(Scalar::from_name(width)?)
            }
            [width, name] => {
                if let Some(Type::Generic(param)) = self.number_type(path) {
                    Type::Generic(param)
                } else {
                    let scalar = Scalar::from_name(width)?;
                    is_associated_const(scalar, name).then_some(Type::Scalar(scalar))?
                }
            }
            _ => return None,
        };
        let last = path.segments.last()?;
        let (path, name) = (path.clone(), last.ident.to_string());
        Some(Expr::new(ExprKind::Named { path, name, of }, last.ident.span()))
    }

    fn refuse_path(&mut self, tokens: &mut Tokens) -> Expr {
        let path = text(&*tokens);
        let last = path.rsplit("::").next().unwrap_or_default().to_owned();
        let hint = if math_constant(&last).is_some() {
            format!("write `f64::consts::{last}`, with `use std::f64;`")
        } else {
            format!("import it, `use {path};`, and write `{last}`")
        };
        self.refuse(tokens, format!("path `{path}` cannot be used here"), hint)
    }
}

//! Values.
//!
//! A value is text without effects; what has effects or needs statements is emitted before it. So that
//! operands keep Rust's order, those before an operand that emits anything become variables first.

use super::body::Body;
use super::scope::Given;
use super::tree::{Expr, ExprKind};
use super::types::Ty;
use super::{Dialect, number};
use crate::kernel::code::Scalar;

/// Arrays up to this length are written as a list of their items.
const LISTED: u64 = 8;

impl Body<'_> {
    /// The value, behind any references.
    pub(super) fn operand(&mut self, expr: &Expr) -> String {
        let mut text = self.value(expr);
        let mut ty = &self.ty(expr);
        while let Ty::Ref(_, target) = ty {
            text = format!("(*{text})");
            ty = target;
        }
        text
    }

    /// The values, behind any references, in order.
    pub(super) fn operands(&mut self, exprs: &[&Expr]) -> Vec<String> {
        self.in_order(exprs, true)
    }

    /// The values as they are, references among them, in order.
    pub(super) fn values(&mut self, exprs: &[&Expr]) -> Vec<String> {
        self.in_order(exprs, false)
    }

    fn in_order(&mut self, exprs: &[&Expr], behind: bool) -> Vec<String> {
        let mut texts: Vec<String> = Vec::new();
        for expr in exprs {
            let (emitted, text) =
                self.captured(|body| if behind { body.operand(expr) } else { body.value(expr) });
            if !emitted.is_empty() {
                for (before, text) in exprs.iter().zip(&mut texts) {
                    self.keep(before, behind, text);
                }
                self.add(&emitted);
            }
            texts.push(text);
        }
        texts
    }

    /// Makes a variable of a value, unless nothing can change it.
    fn keep(&mut self, expr: &Expr, behind: bool, text: &mut String) {
        let ty = if behind { self.value_type(expr) } else { self.ty(expr) };
        if !ty.is_unit() && !matches!(expr.kind, ExprKind::Int(..) | ExprKind::Float(..)) {
            *text = self.temporary(&ty, text);
        }
    }

    pub(super) fn value(&mut self, expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Int(digits, _) | ExprKind::Float(digits, _) => self.literal(expr, digits),
            ExprKind::Bool(value) => number::whole(i128::from(*value), Scalar::Bool),
            ExprKind::Constant(k) => self.constant_value(*k, expr),
            ExprKind::Generic(k) => self.generic(expr, *k),
            ExprKind::Named(name, _) => self.named(expr, name),
            ExprKind::Local(_) | ExprKind::Deref(_) | ExprKind::Index(_) | ExprKind::Field(..) => {
                self.place(expr)
            }
            ExprKind::Borrow(_, target) => format!("(&{})", self.place(target)),
            ExprKind::Neg(operand) => self.negated(expr, operand),
            ExprKind::Not(operand) => self.inverted(expr, operand),
            ExprKind::Binary(op, operands) => self.binary(*op, &operands[0], &operands[1]),
            ExprKind::Cast(value, _) => {
                let (from, to) = (self.scalar(value), self.scalar(expr));
                let text = self.operand(value);
                self.cast(&text, from, to)
            }
            ExprKind::Len(array) => {
                let (_, len) = self.array_type(array);
                number::whole(i128::from(len), Scalar::Usize)
            }
            ExprKind::Array(parts) | ExprKind::Tuple(parts) => self.listed(expr, parts),
            ExprKind::Struct(_, fields, values) => self.struct_(expr, fields, values),
            ExprKind::Repeat(item, _) => self.repeated(expr, item),
            ExprKind::Call(function, _, args) => self.call(expr, *function, args),
            ExprKind::Method(name, _, args) => self.method(expr, name, args),
            ExprKind::If(inner) if self.is_plain(inner) => self.conditional(expr, inner),
            // A block, or a branch with statements.
            ExprKind::If(_) | ExprKind::Match(_) | ExprKind::Block(_) => {
                self.through_variable(expr)
            }
        }
    }

    /// The value of what needs statements.
    pub(super) fn through_variable(&mut self, expr: &Expr) -> String {
        let ty = self.ty(expr);
        if ty.is_unit() {
            self.drop_value(expr);
            return String::new();
        }
        let name = self.declare(&ty);
        self.into(&name, expr);
        name
    }

    fn literal(&mut self, expr: &Expr, digits: &str) -> String {
        let scalar = self.scalar(expr);
        let text = number::literal(digits, scalar, self.program.dialect);
        text.unwrap_or_else(|| self.refuse(format_args!("`{digits}` is not a number")))
    }

    /// A const parameter.
    fn generic(&mut self, expr: &Expr, k: usize) -> String {
        if let Some(Given::Value(Some(value))) = self.given.get(k) {
            return number::whole(*value, self.scalar(expr));
        }
        let name = self.tree.generics[k].name;
        self.refuse(format_args!("nothing says what `{name}` is: write it at the call"))
    }

    /// `f64::EPSILON`.
    fn named(&mut self, expr: &Expr, name: &str) -> String {
        let scalar = self.scalar(expr);
        match number::named(name, scalar) {
            Some(value) => number::number(value, scalar, self.program.dialect),
            None => self.refuse(format_args!("`{}` has no `{name}`", scalar.name())),
        }
    }

    // Values made of parts.

    /// `((f64_2){{1.0, 2.0}})`.
    pub(super) fn composed(&mut self, ty: &Ty, parts: &str) -> String {
        let name = self.program.types.name(ty);
        match self.program.dialect {
            Dialect::OpenClC => format!("(({name}){{{parts}}})"),
            Dialect::CudaC => format!("{name}{{{parts}}}"),
        }
    }

    /// An array or a tuple.
    fn listed(&mut self, expr: &Expr, parts: &[Expr]) -> String {
        let ty = self.ty(expr);
        let parts: Vec<&Expr> = parts.iter().collect();
        let mut values = self.values(&parts);
        if ty.is_unit() {
            return String::new();
        }
        // Members of no value take one byte in C.
        values.iter_mut().filter(|value| value.is_empty()).for_each(|value| value.push('0'));
        let mut values = values.join(", ");
        if let Ty::Array(..) = ty {
            values = format!("{{{values}}}");
        }
        self.composed(&ty, &values)
    }

    fn struct_(&mut self, expr: &Expr, fields: &[&'static str], values: &[Expr]) -> String {
        let ty = self.ty(expr);
        let values: Vec<&Expr> = values.iter().collect();
        let values = self.values(&values);
        let Ty::Struct(inner) = &ty else {
            return self.refuse(format_args!("a struct is expected, not `{}`", ty.describe()));
        };
        let mut in_memory: Vec<&str> = Vec::new();
        for (name, _) in &inner.fields {
            let Some(k) = fields.iter().position(|field| field == name) else {
                return self.refuse(format_args!("`{}` has other fields", inner.name));
            };
            in_memory.push(&values[k]);
        }
        self.composed(&ty, &in_memory.join(", "))
    }

    /// The item and length of an array.
    pub(super) fn array_type(&mut self, expr: &Expr) -> (Ty, u64) {
        match self.value_type(expr) {
            Ty::Array(item, len) => ((*item).clone(), len),
            other => {
                self.refuse(format_args!("an array is expected, not `{}`", other.describe()));
                (Ty::unit(), 0)
            }
        }
    }

    /// Whether `[item; N]` is written as a list.
    pub(super) fn is_listed(&self, expr: &Expr) -> bool {
        matches!(self.typed.expr(expr), Some(Ty::Array(_, 1..=LISTED)))
    }

    fn repeated(&mut self, expr: &Expr, item: &Expr) -> String {
        if !self.is_listed(expr) {
            return self.through_variable(expr);
        }
        let (of, len) = self.array_type(expr);
        let mut value = self.value(item);
        if !matches!(item.kind, ExprKind::Int(..) | ExprKind::Float(..) | ExprKind::Local(_)) {
            value = self.temporary(&of, &value);
        }
        let values = vec![value; len as usize].join(", ");
        let ty = self.ty(expr);
        self.composed(&ty, &format!("{{{values}}}"))
    }
}

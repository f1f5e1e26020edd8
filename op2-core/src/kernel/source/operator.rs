//! Operators and casts.

use super::body::Body;
use super::number;
use super::tree::{Expr, ExprKind, Op};
use super::types::Ty;
use crate::kernel::code::Scalar;

impl Body<'_> {
    pub(super) fn negated(&mut self, expr: &Expr, operand: &Expr) -> String {
        let scalar = self.scalar(expr);
        if let (ExprKind::Int(digits, _), false) = (&operand.kind, scalar.is_float())
            && let Ok(value) = digits.parse::<i128>()
        {
            return number::whole(-value, scalar);
        }
        let text = self.operand(operand);
        if scalar.is_float() {
            return format!("(-{text})");
        }
        self.operation("neg", scalar, &text)
    }

    pub(super) fn inverted(&mut self, expr: &Expr, operand: &Expr) -> String {
        let (scalar, text) = (self.scalar(expr), self.operand(operand));
        let not = if scalar == Scalar::Bool { "!" } else { "~" };
        format!("(({}){not}{text})", self.program.types.name(&Ty::Scalar(scalar)))
    }

    pub(super) fn binary(&mut self, op: Op, left: &Expr, right: &Expr) -> String {
        if let Op::And | Op::Or = op {
            return self.short_circuit(op, left, right);
        }
        let ty = self.value_type(left);
        let texts = self.operands(&[left, right]);
        let (left, right) = (&texts[0], &texts[1]);
        let symbol = match op {
            Op::Eq => "==",
            Op::Ne => "!=",
            Op::Lt => "<",
            Op::Le => "<=",
            Op::Gt => ">",
            Op::Ge => ">=",
            _ => return self.arithmetic(op, &ty, left, right),
        };
        if let Ty::Scalar(_) = ty {
            return format!("({left} {symbol} {right})");
        }
        let equality = if let Op::Eq | Op::Ne = op { self.program.equality(&ty) } else { None };
        let Some(equality) = equality else {
            let ty = ty.describe();
            return self.refuse(format_args!(
                "`{symbol}` compares numbers here, and arrays of them, not `{ty}`: compare its parts"
            ));
        };
        let not = if op == Op::Ne { "!" } else { "" };
        format!("({not}{equality}({left}, {right}))")
    }

    fn short_circuit(&mut self, op: Op, left: &Expr, right: &Expr) -> String {
        let left = self.operand(left);
        let (emitted, right) = self.captured(|body| body.operand(right));
        if emitted.is_empty() {
            let symbol = if op == Op::And { "&&" } else { "||" };
            return format!("({left} {symbol} {right})");
        }
        let result = self.temporary(&Ty::Scalar(Scalar::Bool), &left);
        let not = if op == Op::And { "" } else { "!" };
        self.emit(format_args!("if ({not}{result}) {{"));
        self.add(&emitted);
        self.emit(format_args!("{result} = {right};\n}}"));
        result
    }

    /// An operator on two numbers of one type, or a shift.
    pub(super) fn arithmetic(&mut self, op: Op, ty: &Ty, left: &str, right: &str) -> String {
        let Ty::Scalar(scalar) = *ty else {
            let ty = ty.describe();
            return self.refuse(format_args!("operators work on numbers here, not on `{ty}`"));
        };
        let wraps =
            scalar.is_float() || matches!(scalar, Scalar::U32 | Scalar::U64 | Scalar::Usize);
        let (name, symbol) = match op {
            Op::Add => ("add", if wraps { "+" } else { "" }),
            Op::Sub => ("sub", if wraps { "-" } else { "" }),
            Op::Mul => ("mul", if wraps { "*" } else { "" }),
            Op::Div => ("div", if scalar.is_float() { "/" } else { "" }),
            Op::Rem => ("rem", ""),
            Op::Shl => return self.operation("shl", scalar, &format!("{left}, (u32){right}")),
            Op::Shr => return self.operation("shr", scalar, &format!("{left}, (u32){right}")),
            Op::BitAnd => return self.bits("&", scalar, left, right),
            Op::BitOr => return self.bits("|", scalar, left, right),
            _ => return self.bits("^", scalar, left, right),
        };
        if symbol.is_empty() {
            return self.operation(name, scalar, &format!("{left}, {right}"));
        }
        format!("({left} {symbol} {right})")
    }

    /// C makes `int` of smaller operands.
    fn bits(&mut self, symbol: &str, scalar: Scalar, left: &str, right: &str) -> String {
        let ty = self.program.types.name(&Ty::Scalar(scalar));
        format!("(({ty})({left} {symbol} {right}))")
    }

    /// An operation that has a function.
    pub(super) fn operation(&mut self, name: &str, scalar: Scalar, args: &str) -> String {
        match self.program.operation(name, scalar) {
            Some(helper) => format!("{helper}({args})"),
            None => self.refuse(format_args!("`{}` has no `{name}` on devices", scalar.name())),
        }
    }

    pub(super) fn cast(&mut self, text: &str, from: Scalar, to: Scalar) -> String {
        if from == to {
            return text.to_owned();
        }
        if from.is_float() && !to.is_float() {
            let helper = self.program.saturating(from, to);
            return format!("{helper}({text})");
        }
        format!("(({}){text})", self.program.types.name(&Ty::Scalar(to)))
    }
}

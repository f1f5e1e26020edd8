//! `if` and `match`.

use super::body::Body;
use super::tree::{Case, Expr, ExprKind, If, Match};

impl Body<'_> {
    pub(super) fn if_(&mut self, inner: &If) {
        let cond = self.operand(&inner.cond);
        self.emit(format_args!("if ({cond}) {{"));
        self.block(&inner.then);
        if let Some(otherwise) = &inner.otherwise {
            self.emit(format_args!("}} else {{"));
            self.block(otherwise);
        }
        self.emit(format_args!("}}"));
    }

    /// A chain of `if`s, so that `break` keeps its meaning. The value, if any, goes to a place.
    pub(super) fn match_(&mut self, inner: &Match, place: Option<&str>) {
        let ty = self.value_type(&inner.value);
        let value = self.operand(&inner.value);
        let value = self.temporary(&ty, &value);
        let mut word = "if";
        for arm in &inner.arms {
            let cases: Vec<String> = arm.cases.iter().map(|case| self.case(case, &value)).collect();
            match (cases.is_empty(), word) {
                (true, "if") => {}
                (true, _) => self.emit(format_args!("else")),
                (false, word) => self.emit(format_args!("{word} ({})", cases.join(" || "))),
            }
            if let Some(place) = place {
                self.block_into(place, &arm.body);
            } else {
                self.emit(format_args!("{{"));
                self.block(&arm.body);
                self.emit(format_args!("}}"));
            }
            if cases.is_empty() {
                break;
            }
            word = "else if";
        }
    }

    fn case(&mut self, case: &Case, value: &str) -> String {
        match case {
            Case::Is(literal) => format!("{value} == {}", self.value(literal)),
            Case::Between(first, last) => {
                let (first, last) = (self.value(first), self.value(last));
                format!("({value} >= {first} && {value} <= {last})")
            }
        }
    }

    /// `c ? a : b`: nothing in the branches has effects.
    pub(super) fn conditional(&mut self, expr: &Expr, inner: &If) -> String {
        let ty = self.ty(expr);
        let otherwise = inner.otherwise.as_ref().and_then(|block| block.value.as_deref());
        let (Some(then), Some(otherwise)) = (inner.then.value.as_deref(), otherwise) else {
            return self.through_variable(expr);
        };
        if ty.is_unit() {
            return self.through_variable(expr);
        }
        let cond = self.operand(&inner.cond);
        let (first, then) = self.captured(|body| body.value(then));
        let (second, otherwise) = self.captured(|body| body.value(otherwise));
        if first.is_empty() && second.is_empty() {
            return format!("({cond} ? {then} : {otherwise})");
        }
        let name = self.declare(&ty);
        self.emit(format_args!("if ({cond}) {{"));
        self.add(&first);
        self.emit(format_args!("{name} = {then};\n}} else {{"));
        self.add(&second);
        self.emit(format_args!("{name} = {otherwise};\n}}"));
        name
    }

    /// Whether both branches are values, and nothing else.
    pub(super) fn is_plain(&self, inner: &If) -> bool {
        let plain = |block: &super::tree::Block| {
            let value = block.value.as_ref();
            block.stmts.is_empty() && value.is_some_and(|value| !self.needs_statements(value))
        };
        plain(&inner.then) && inner.otherwise.as_ref().is_some_and(plain)
    }

    /// Whether the value is better assigned by statements than written as one expression.
    pub(super) fn needs_statements(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::If(inner) => !self.is_plain(inner),
            ExprKind::Match(_) | ExprKind::Block(_) => true,
            ExprKind::Repeat(..) => !self.is_listed(expr),
            _ => false,
        }
    }
}

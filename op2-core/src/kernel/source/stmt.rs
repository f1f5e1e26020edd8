//! Statements: bindings, assignments, `return`.

use super::body::Body;
use super::tree::{Block, Expr, ExprKind, Op, Pattern, Stmt, StmtKind};
use super::types::{Ty, member};

impl Body<'_> {
    /// All of a block but its value.
    pub(super) fn stmts(&mut self, block: &Block) {
        block.stmts.iter().for_each(|stmt| self.stmt(stmt));
    }

    /// A block whose value, if any, is dropped.
    pub(super) fn block(&mut self, block: &Block) {
        self.stmts(block);
        if let Some(value) = &block.value {
            self.drop_value(value);
        }
    }

    /// A block whose value goes to a place.
    pub(super) fn block_into(&mut self, place: &str, block: &Block) {
        self.emit(format_args!("{{"));
        self.stmts(block);
        if let Some(value) = &block.value {
            self.into(place, value);
        }
        self.emit(format_args!("}}"));
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Block(_) | StmtKind::Loop(..) => self.line = stmt.line,
            _ => self.start(stmt),
        }
        match &stmt.kind {
            StmtKind::Let(pattern, _, value) => self.let_(pattern, value.as_ref()),
            StmtKind::Const(local, value) => self.init(*local, value),
            StmtKind::Assign(place, value) => self.assign(place, value),
            StmtKind::Update(op, place, value) => self.update(*op, place, value),
            StmtKind::If(inner) => self.if_(inner),
            StmtKind::Match(inner) => self.match_(inner, None),
            StmtKind::For(inner) => self.for_(inner),
            StmtKind::While(label, cond, body) => self.while_(*label, Some(cond), body),
            StmtKind::Loop(label, body) => self.while_(*label, None, body),
            StmtKind::Block(body) => {
                self.emit(format_args!("{{"));
                self.block(body);
                self.emit(format_args!("}}"));
            }
            StmtKind::Break(label) => self.leave(*label, true),
            StmtKind::Continue(label) => self.leave(*label, false),
            StmtKind::Return(value) => self.return_(value.as_ref()),
            StmtKind::Expr(value) => self.drop_value(value),
        }
    }

    // Bindings.

    fn let_(&mut self, pattern: &Pattern, value: Option<&Expr>) {
        match (pattern, value) {
            (Pattern::Local(local), Some(value)) => self.init(*local, value),
            (Pattern::Local(local), None) => {
                let (ty, name) = (self.local_type(*local), self.local(*local));
                if !ty.is_unit() {
                    let declared = self.declared(&ty, &name);
                    self.emit(format_args!("{declared};"));
                }
            }
            (Pattern::Tuple(parts), Some(Expr { kind: ExprKind::Tuple(values), .. })) => {
                for (part, value) in parts.iter().zip(values) {
                    self.let_(part, Some(value));
                }
            }
            (Pattern::Tuple(_), Some(value)) => {
                let ty = self.ty(value);
                let whole = self.declare(&ty);
                self.into(&whole, value);
                self.take_apart(pattern, &whole);
            }
            (Pattern::Tuple(parts), None) => parts.iter().for_each(|part| self.let_(part, None)),
            (Pattern::Wild, Some(value)) => self.drop_value(value),
            (Pattern::Wild, None) => {}
        }
    }

    /// Binds the parts of a tuple that C calls `whole`.
    fn take_apart(&mut self, pattern: &Pattern, whole: &str) {
        match pattern {
            Pattern::Wild => {}
            Pattern::Local(local) => {
                let (ty, name) = (self.local_type(*local), self.local(*local));
                let declared = self.declared(&ty, &name);
                self.assignment(&declared, whole);
            }
            Pattern::Tuple(parts) => {
                for (k, part) in parts.iter().enumerate() {
                    let whole = format!("{whole}.{}", member(&k.to_string()));
                    self.take_apart(part, &whole);
                }
            }
        }
    }

    /// Declares a variable with its value.
    fn init(&mut self, local: usize, value: &Expr) {
        let (ty, name) = (self.local_type(local), self.local(local));
        if ty.is_unit() {
            return self.drop_value(value);
        }
        let declared = self.declared(&ty, &name);
        if self.needs_statements(value) {
            self.emit(format_args!("{declared};"));
            return self.into(&name, value);
        }
        let value = self.value(value);
        self.assignment(&declared, &value);
    }

    /// Evaluates for the effect.
    pub(super) fn drop_value(&mut self, value: &Expr) {
        if self.ty(value).is_unit() {
            match &value.kind {
                ExprKind::If(inner) => return self.if_(inner),
                ExprKind::Match(inner) => return self.match_(inner, None),
                ExprKind::Block(block) => return self.block(block),
                _ => {}
            }
        }
        let value = self.value(value);
        if !value.is_empty() {
            self.emit(format_args!("(void)({value});"));
        }
    }

    // Assignments.

    /// Assigns a value to a place whose text has no effects.
    pub(super) fn into(&mut self, place: &str, value: &Expr) {
        match &value.kind {
            ExprKind::If(inner) if self.needs_statements(value) => {
                let cond = self.operand(&inner.cond);
                self.emit(format_args!("if ({cond})"));
                self.block_into(place, &inner.then);
                if let Some(otherwise) = &inner.otherwise {
                    self.emit(format_args!("else"));
                    self.block_into(place, otherwise);
                }
            }
            ExprKind::Match(inner) => self.match_(inner, Some(place)),
            ExprKind::Block(block) => self.block_into(place, block),
            ExprKind::Repeat(item, _) => self.fill(place, value, item),
            _ => {
                let value = self.value(value);
                self.assignment(place, &value);
            }
        }
    }

    /// `[item; N]`.
    fn fill(&mut self, place: &str, whole: &Expr, item: &Expr) {
        let (of, len) = self.array_type(whole);
        let value = self.value(item);
        let value = self.temporary(&of, &value);
        self.emit(format_args!("for (u32 k = 0; k < {len}u; ++k) {place}.v[k] = {value};"));
    }

    /// `place = value`: the value is found first.
    fn assign(&mut self, place: &Expr, value: &Expr) {
        let ty = self.ty(value);
        if ty.is_unit() {
            return self.drop_value(value);
        }
        let whole = if self.needs_statements(value) {
            let whole = self.declare(&ty);
            self.into(&whole, value);
            whole
        } else {
            self.value(value)
        };
        let (emitted, place) = self.captured(|body| body.place(place));
        let whole = if emitted.is_empty() { whole } else { self.temporary(&ty, &whole) };
        self.add(&emitted);
        self.assignment(&place, &whole);
    }

    /// `place op= value`: the value is found first.
    fn update(&mut self, op: Op, place: &Expr, value: &Expr) {
        let ty = self.value_type(value);
        let text = self.operand(value);
        let target = self.value_type(place);
        let (emitted, place) = self.captured(|body| body.place_behind(place));
        let text = if emitted.is_empty() { text } else { self.temporary(&ty, &text) };
        self.add(&emitted);
        let result = self.arithmetic(op, &target, &place, &text);
        self.assignment(&place, &result);
    }

    pub(super) fn return_(&mut self, value: Option<&Expr>) {
        let Some(value) = value else { return self.emit(format_args!("return;")) };
        if self.typed.ret.as_ref().is_some_and(Ty::is_unit) {
            self.drop_value(value);
            return self.emit(format_args!("return;"));
        }
        let value = self.value(value);
        self.emit(format_args!("return {value};"));
    }
}

//! Types through statements and blocks, and which of them never end normally.

use super::Infer;
use super::unify::Family;
use crate::kernel::ir::{
    Block, Case, Expr, ExprKind, For, If, Match, Pattern, Scalar, Stmt, StmtKind, Type,
};

impl Infer {
    pub(super) fn body(&mut self, body: &mut Block) {
        let ty = self.block(body);
        let ret = self.ret.clone();
        if !matches!(ty, Type::Never) {
            self.unifier.unify(&ty, &ret);
        }
    }

    /// The type of the block's value; `Never` if its end is never reached.
    pub(super) fn block(&mut self, block: &mut Block) -> Type {
        let mut ends = true;
        for stmt in &mut block.stmts {
            ends &= self.stmt(stmt);
        }
        match &mut block.tail {
            Some(tail) => {
                self.expr(tail);
                tail.ty.clone()
            }
            None if ends => Type::unit(),
            None => Type::Never,
        }
    }

    /// Whether the statement after this one is reached.
    fn stmt(&mut self, stmt: &mut Stmt) -> bool {
        match &mut stmt.kind {
            StmtKind::Let { pattern, declared, value } => {
                self.let_(pattern, declared.as_ref(), value.as_mut());
            }
            StmtKind::Const { local, value } => {
                let ty = self.locals[local.0].clone();
                self.expr(value);
                self.unifier.unify(&ty, &value.ty);
            }
            StmtKind::Assign { place, value, .. } => {
                self.expr(place);
                self.expr(value);
                self.unifier.unify(&place.ty, &value.ty);
            }
            StmtKind::Update { op, place, value, .. } => {
                self.expr(place);
                self.operand(value);
                self.arithmetic(*op, place, value);
            }
            StmtKind::If(inner) => return !matches!(self.if_(inner), Type::Never),
            StmtKind::Match(inner) => return !matches!(self.match_(inner), Type::Never),
            StmtKind::For(inner) => self.for_(inner),
            StmtKind::While { cond, body, .. } => {
                self.condition(cond);
                self.block(body);
            }
            StmtKind::Loop { body, .. } => {
                self.block(body);
                return has_break(body);
            }
            StmtKind::Block(body) => return !matches!(self.block(body), Type::Never),
            StmtKind::Break(_) | StmtKind::Continue(_) => return false,
            StmtKind::Return(value) => {
                if let Some(value) = value {
                    self.expr(value);
                    let ret = self.ret.clone();
                    self.unifier.unify(&value.ty, &ret);
                }
                return false;
            }
            StmtKind::Expr(value) => self.expr(value),
            StmtKind::ForEach { iterator, body, .. } => {
                self.expr(iterator);
                self.block(body);
            }
        }
        true
    }

    fn let_(&mut self, pattern: &Pattern, declared: Option<&Type>, value: Option<&mut Expr>) {
        let ty = match declared {
            Some(declared) => self.unifier.instantiate(declared),
            None => self.unifier.fresh(Family::Any),
        };
        if let Some(value) = value {
            self.expr(value);
            self.unifier.unify(&ty, &value.ty);
        }
        self.pattern(pattern, &ty);
    }

    fn pattern(&mut self, pattern: &Pattern, ty: &Type) {
        match pattern {
            Pattern::Wild => {}
            Pattern::Local(local) => {
                let bound = self.locals[local.0].clone();
                self.unifier.unify(&bound, ty);
            }
            Pattern::Tuple(parts) => match self.unifier.shallow(ty) {
                Type::Tuple(types) if types.len() == parts.len() => {
                    parts.iter().zip(&types).for_each(|(part, ty)| self.pattern(part, ty));
                }
                _ => parts.iter().for_each(|part| {
                    let ty = self.unifier.outside();
                    self.pattern(part, &ty);
                }),
            },
        }
    }

    pub(super) fn condition(&mut self, cond: &mut Expr) {
        self.operand(cond);
        self.unifier.unify(&cond.ty, &Type::Scalar(Scalar::Bool));
    }

    pub(super) fn if_(&mut self, inner: &mut If) -> Type {
        self.condition(&mut inner.cond);
        let then = self.block(&mut inner.then);
        match &mut inner.otherwise {
            Some(otherwise) => {
                let otherwise = self.block(otherwise);
                self.either(then, otherwise)
            }
            None => Type::unit(),
        }
    }

    /// The type of a value that comes from one of two branches.
    fn either(&mut self, one: Type, other: Type) -> Type {
        match (&one, &other) {
            (Type::Never, _) => other,
            (_, Type::Never) => one,
            _ => {
                self.unifier.unify(&one, &other);
                one
            }
        }
    }

    pub(super) fn match_(&mut self, inner: &mut Match) -> Type {
        self.operand(&mut inner.value);
        let mut ty = Type::Never;
        for arm in &mut inner.arms {
            for case in &mut arm.cases {
                match case {
                    Case::Is(literal) => self.case(literal, &inner.value.ty),
                    Case::Between(first, last) => {
                        self.case(first, &inner.value.ty);
                        self.case(last, &inner.value.ty);
                    }
                }
            }
            let body = self.block(&mut arm.body);
            ty = self.either(ty, body);
        }
        ty
    }

    fn case(&mut self, literal: &mut Expr, value: &Type) {
        self.expr(literal);
        self.unifier.unify(&literal.ty, value);
    }

    fn for_(&mut self, inner: &mut For) {
        self.expr(&mut inner.start);
        self.expr(&mut inner.end);
        self.unifier.unify(&inner.start.ty, &inner.end.ty);
        if let Some(index) = inner.index {
            let ty = self.locals[index.0].clone();
            self.unifier.unify(&ty, &inner.start.ty);
        }
        self.block(&mut inner.body);
    }
}

/// Whether a `break` may leave the loop around this block. A labeled one counts for every
/// loop: at worst the code after an endless loop is taken to be reached.
fn has_break(body: &Block) -> bool {
    body.stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Break(_) => true,
        StmtKind::If(inner) => {
            has_break(&inner.then) || inner.otherwise.as_ref().is_some_and(has_break)
        }
        StmtKind::Match(inner) => inner.arms.iter().any(|arm| has_break(&arm.body)),
        StmtKind::Block(block) => has_break(block),
        StmtKind::Let { value: Some(value), .. } => value_breaks(value),
        StmtKind::For(For { body, .. })
        | StmtKind::While { body, .. }
        | StmtKind::Loop { body, .. }
        | StmtKind::ForEach { body, .. } => has_labeled_break(body),
        _ => false,
    }) || body.tail.as_ref().is_some_and(|tail| value_breaks(tail))
}

fn value_breaks(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::If(inner) => {
            has_break(&inner.then) || inner.otherwise.as_ref().is_some_and(has_break)
        }
        ExprKind::Match(inner) => inner.arms.iter().any(|arm| has_break(&arm.body)),
        ExprKind::Block(block) => has_break(block),
        _ => false,
    }
}

fn has_labeled_break(body: &Block) -> bool {
    body.stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Break(label) => label.is_some(),
        StmtKind::If(inner) => {
            has_labeled_break(&inner.then)
                || inner.otherwise.as_ref().is_some_and(has_labeled_break)
        }
        StmtKind::Match(inner) => inner.arms.iter().any(|arm| has_labeled_break(&arm.body)),
        StmtKind::Block(block)
        | StmtKind::For(For { body: block, .. })
        | StmtKind::While { body: block, .. }
        | StmtKind::Loop { body: block, .. }
        | StmtKind::ForEach { body: block, .. } => has_labeled_break(block),
        _ => false,
    })
}

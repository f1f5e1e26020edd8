//! A walk over all expressions of a block, for passes that treat them alike.

use super::ir::{Arm, Block, Case, Expr, ExprKind, If, Match, Stmt, StmtKind};

/// Calls `visit` for every expression in `block`, operands before operators.
pub(crate) fn each_expr_mut(block: &mut Block, visit: &mut dyn FnMut(&mut Expr)) {
    for stmt in &mut block.stmts {
        in_stmt(stmt, visit);
    }
    if let Some(tail) = &mut block.tail {
        in_expr(tail, visit);
    }
}

fn in_stmt(stmt: &mut Stmt, visit: &mut dyn FnMut(&mut Expr)) {
    match &mut stmt.kind {
        StmtKind::Let { value, .. } | StmtKind::Return(value) => {
            if let Some(value) = value {
                in_expr(value, visit);
            }
        }
        StmtKind::Const { value, .. } | StmtKind::Expr(value) => in_expr(value, visit),
        StmtKind::Assign { place, value, .. } | StmtKind::Update { place, value, .. } => {
            in_expr(place, visit);
            in_expr(value, visit);
        }
        StmtKind::If(inner) => in_if(inner, visit),
        StmtKind::Match(inner) => in_match(inner, visit),
        StmtKind::For(inner) => {
            in_expr(&mut inner.start, visit);
            in_expr(&mut inner.end, visit);
            each_expr_mut(&mut inner.body, visit);
        }
        StmtKind::While { cond: head, body, .. }
        | StmtKind::ForEach { iterator: head, body, .. } => {
            in_expr(head, visit);
            each_expr_mut(body, visit);
        }
        StmtKind::Loop { body, .. } | StmtKind::Block(body) => each_expr_mut(body, visit),
        StmtKind::Break(_) | StmtKind::Continue(_) => {}
    }
}

fn in_if(inner: &mut If, visit: &mut dyn FnMut(&mut Expr)) {
    in_expr(&mut inner.cond, visit);
    each_expr_mut(&mut inner.then, visit);
    if let Some(otherwise) = &mut inner.otherwise {
        each_expr_mut(otherwise, visit);
    }
}

fn in_match(inner: &mut Match, visit: &mut dyn FnMut(&mut Expr)) {
    in_expr(&mut inner.value, visit);
    for Arm { cases, body } in &mut inner.arms {
        for case in cases {
            match case {
                Case::Is(literal) => in_expr(literal, visit),
                Case::Between(first, last) => {
                    in_expr(first, visit);
                    in_expr(last, visit);
                }
            }
        }
        each_expr_mut(body, visit);
    }
}

fn in_expr(expr: &mut Expr, visit: &mut dyn FnMut(&mut Expr)) {
    match &mut expr.kind {
        ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Bool(_)
        | ExprKind::Local(_)
        | ExprKind::Constant(_)
        | ExprKind::ConstGeneric(_)
        | ExprKind::Outer(_)
        | ExprKind::Named { .. }
        | ExprKind::Opaque(_) => {}
        ExprKind::Unary(_, operand)
        | ExprKind::Deref { target: operand, .. }
        | ExprKind::Borrow(_, operand)
        | ExprKind::Cast { value: operand, .. }
        | ExprKind::Field(operand, _)
        | ExprKind::Repeat(operand, _)
        | ExprKind::ArrayLen(operand) => in_expr(operand, visit),
        ExprKind::Binary(_, left, right) | ExprKind::Index(left, right) => {
            in_expr(left, visit);
            in_expr(right, visit);
        }
        ExprKind::Array(parts)
        | ExprKind::Tuple(parts)
        | ExprKind::Call { args: parts, .. }
        | ExprKind::Intrinsic { args: parts, .. } => {
            for part in parts {
                in_expr(part, visit);
            }
        }
        ExprKind::Struct(_, fields) => {
            for (_, value) in fields {
                in_expr(value, visit);
            }
        }
        ExprKind::If(inner) => in_if(inner, visit),
        ExprKind::Match(inner) => in_match(inner, visit),
        ExprKind::Block(block) => each_expr_mut(block, visit),
    }
    visit(expr);
}

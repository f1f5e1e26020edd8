//! Types of expressions.

use proc_macro2::Ident;

use super::Infer;
use super::unify::Family;
use crate::kernel::intrinsics::{Arg, Intrinsic, Result};
use crate::kernel::ir::{BinaryOp, Expr, ExprKind, Len, Scalar, Type};

impl Infer {
    /// Gives `expr` and all of its parts a type.
    pub(super) fn expr(&mut self, expr: &mut Expr) {
        let ty = self.type_of(expr);
        expr.ty = ty;
    }

    fn type_of(&mut self, expr: &mut Expr) -> Type {
        let written = expr.ty.clone();
        match &mut expr.kind {
            ExprKind::Int(_) | ExprKind::Float(_) if matches!(written, Type::Scalar(_)) => written,
            ExprKind::Int(_) => self.unifier.fresh(Family::Int),
            ExprKind::Float(_) => self.unifier.fresh(Family::Float),
            ExprKind::Bool(_) => Type::Scalar(Scalar::Bool),
            ExprKind::Local(local) => self.locals[local.0].clone(),
            ExprKind::Constant(k) => self.constants[*k].clone(),
            ExprKind::ConstGeneric(name) => self.const_param(name),
            ExprKind::Named { of, .. } => of.clone(),
            ExprKind::Outer(_) | ExprKind::Opaque(_) => self.unifier.outside(),
            ExprKind::Unary(_, operand) => {
                self.operand(operand);
                operand.ty.clone()
            }
            ExprKind::Binary(op, left, right) => self.binary(*op, left, right),
            ExprKind::Deref { target, .. } => {
                self.expr(target);
                match self.unifier.shallow(&target.ty) {
                    Type::Ref(_, target) => *target,
                    _ => self.unifier.outside(),
                }
            }
            ExprKind::Borrow(mutable, target) => {
                self.expr(target);
                Type::Ref(*mutable, Box::new(target.ty.clone()))
            }
            ExprKind::Cast { value, to, .. } => {
                *to = self.unifier.instantiate(to);
                self.expr(value);
                self.cast_literal(value, &to.clone());
                to.clone()
            }
            ExprKind::If(inner) => self.if_(inner),
            ExprKind::Match(inner) => self.match_(inner),
            ExprKind::Block(block) => self.block(block),
            _ => self.composite(expr),
        }
    }

    fn composite(&mut self, expr: &mut Expr) -> Type {
        match &mut expr.kind {
            ExprKind::Index(base, index) => {
                self.operand(base);
                self.expr(index);
                self.unifier.unify(&index.ty, &Type::Scalar(Scalar::Usize));
                self.unifier.element(&base.ty)
            }
            ExprKind::Field(base, member) => {
                self.operand(base);
                self.field(&base.ty.clone(), member)
            }
            ExprKind::Array(parts) => {
                let element = self.unifier.fresh(Family::Any);
                for part in parts.iter_mut() {
                    self.expr(part);
                    self.unifier.unify(&element, &part.ty);
                }
                Type::Array(Box::new(element), Len::Literal(parts.len() as u64))
            }
            ExprKind::Repeat(value, len) => {
                self.expr(value);
                Type::Array(Box::new(value.ty.clone()), len.clone())
            }
            ExprKind::Tuple(parts) => {
                for part in parts.iter_mut() {
                    self.expr(part);
                }
                Type::Tuple(parts.iter().map(|part| part.ty.clone()).collect())
            }
            ExprKind::Struct(path, fields) => {
                for (_, value) in fields {
                    self.handed_out(value);
                }
                Type::Named(path.clone())
            }
            ExprKind::Call { args, .. } => {
                for arg in args {
                    self.handed_out(arg);
                }
                self.unifier.outside()
            }
            ExprKind::Intrinsic { intrinsic, of, args } => {
                let (intrinsic, of) = (*intrinsic, of.clone());
                self.intrinsic(intrinsic, of.as_ref(), args)
            }
            ExprKind::ArrayLen(array) => {
                self.operand(array);
                Type::Scalar(Scalar::Usize)
            }
            _ => self.unifier.outside(),
        }
    }

    /// A value that goes to code that only rustc knows.
    fn handed_out(&mut self, value: &mut Expr) {
        self.expr(value);
        self.unifier.open(&value.ty);
    }

    /// An operand: Rust looks through references here, the IR says so.
    pub(super) fn operand(&mut self, expr: &mut Expr) {
        self.expr(expr);
        while let Type::Ref(_, target) = self.unifier.shallow(&expr.ty) {
            let span = expr.span;
            let inner = std::mem::replace(expr, Expr::new(ExprKind::Bool(false), span));
            expr.kind = ExprKind::Deref { target: Box::new(inner), implied: true };
            expr.ty = *target;
        }
    }

    fn binary(&mut self, op: BinaryOp, left: &mut Expr, right: &mut Expr) -> Type {
        self.operand(left);
        self.operand(right);
        match op {
            BinaryOp::And | BinaryOp::Or => {
                self.unifier.unify(&left.ty, &Type::Scalar(Scalar::Bool));
                self.unifier.unify(&right.ty, &Type::Scalar(Scalar::Bool));
                Type::Scalar(Scalar::Bool)
            }
            _ if op.is_comparison() => {
                self.unifier.unify(&left.ty, &right.ty);
                Type::Scalar(Scalar::Bool)
            }
            _ => {
                self.arithmetic(op, left, right);
                left.ty.clone()
            }
        }
    }

    /// Both operands are of one type, except for shifts.
    pub(super) fn arithmetic(&mut self, op: BinaryOp, left: &Expr, right: &Expr) {
        if !matches!(op, BinaryOp::Shl | BinaryOp::Shr) {
            self.unifier.unify(&left.ty, &right.ty);
        }
        self.note_scalar(&left.ty);
        self.note_scalar(&right.ty);
    }

    /// An alias in arithmetic has to be one of a scalar.
    fn note_scalar(&mut self, ty: &Type) {
        let Type::Named(path) = self.unifier.shallow(ty) else { return };
        let text = |path: &syn::Path| quote::quote!(#path).to_string();
        if !self.scalar_names.iter().any(|known| text(known) == text(&path)) {
            self.scalar_names.push(path);
        }
    }

    fn intrinsic(&mut self, intrinsic: Intrinsic, of: Option<&Type>, args: &mut [Expr]) -> Type {
        let spec = intrinsic.spec();
        let Some((receiver, rest)) = args.split_first_mut() else { return self.unifier.outside() };
        self.operand(receiver);
        self.note_scalar(&receiver.ty);
        if spec.result == Result::Target {
            self.unifier.unify(&receiver.ty, &Type::Scalar(Scalar::F64));
        } else if let Some(of) = of {
            self.unifier.unify(&receiver.ty, of);
        }
        for (arg, wanted) in rest.iter_mut().zip(spec.args) {
            self.expr(arg);
            let wanted = match wanted {
                Arg::Same => receiver.ty.clone(),
                Arg::I32 => Type::Scalar(Scalar::I32),
                Arg::U32 => Type::Scalar(Scalar::U32),
            };
            self.unifier.unify(&arg.ty, &wanted);
        }
        match spec.result {
            Result::Same => receiver.ty.clone(),
            Result::Pair => Type::Tuple(vec![receiver.ty.clone(), receiver.ty.clone()]),
            Result::Unsigned => match self.unifier.shallow(&receiver.ty) {
                Type::Scalar(scalar) => Type::Scalar(scalar.unsigned()),
                _ => self.unifier.outside(),
            },
            Result::Target => of.cloned().unwrap_or_else(|| self.unifier.outside()),
            Result::Bool => Type::Scalar(Scalar::Bool),
            Result::U32 => Type::Scalar(Scalar::U32),
            Result::F64 => Type::Scalar(Scalar::F64),
        }
    }

    fn const_param(&mut self, name: &Ident) -> Type {
        let known = self.const_params.iter().find(|(param, _)| param == name);
        known.map_or_else(|| self.unifier.outside(), |(_, ty)| ty.clone())
    }

    fn field(&mut self, base: &Type, member: &syn::Member) -> Type {
        match (self.unifier.shallow(base), member) {
            (Type::Tuple(parts), syn::Member::Unnamed(k)) if (k.index as usize) < parts.len() => {
                parts[k.index as usize].clone()
            }
            _ => self.unifier.outside(),
        }
    }

    /// `5_000_000_000 as u64`: rustc reads a literal in the type of the cast.
    fn cast_literal(&mut self, value: &Expr, to: &Type) {
        let literal = match &value.kind {
            ExprKind::Unary(_, operand) => operand,
            _ => value,
        };
        if matches!(literal.kind, ExprKind::Int(_) | ExprKind::Float(_)) {
            self.unifier.unify(&literal.ty, to);
        }
    }
}

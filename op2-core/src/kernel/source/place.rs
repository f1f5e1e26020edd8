//! Places: what can be assigned, indexed or borrowed.

use super::body::Body;
use super::tree::{Expr, ExprKind};
use super::types::{Ty, member};
use crate::kernel::code::Scalar;

impl Body<'_> {
    /// The text of a place; a value that has none is given one.
    pub(super) fn place(&mut self, expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Local(local) => self.local(*local),
            ExprKind::Constant(k) if self.has_place(*k) => self.constant_name(*k),
            ExprKind::Deref(target) if self.is_reference(target) => {
                format!("(*{})", self.value(target))
            }
            // A reference that is looked through by itself.
            ExprKind::Deref(target) => self.place(target),
            ExprKind::Index(operands) => self.item(&operands[0], &operands[1]),
            ExprKind::Field(base, name) => {
                let base = self.base(base);
                base + &member(name)
            }
            _ => {
                let ty = self.ty(expr);
                let name = self.declare(&ty);
                self.into(&name, expr);
                name
            }
        }
    }

    /// The place behind any references.
    pub(super) fn place_behind(&mut self, expr: &Expr) -> String {
        let place = self.place(expr);
        let depth = references(&self.ty(expr));
        (0..depth).fold(place, |place, _| format!("(*{place})"))
    }

    fn is_reference(&mut self, expr: &Expr) -> bool {
        references(&self.ty(expr)) > 0
    }

    /// What stands before a member: `x.` or, of a pointer, `x->`.
    fn base(&mut self, base: &Expr) -> String {
        let base = match &base.kind {
            ExprKind::Deref(target) if self.is_reference(target) => target,
            _ => base,
        };
        match references(&self.ty(base)) {
            0 => self.place(base) + ".",
            1 => self.value(base) + "->",
            _ => self.place_behind(base) + ".",
        }
    }

    /// An item of an array. The indices of the array are found before that of the item: where that one has
    /// effects, they are kept.
    fn item(&mut self, array: &Expr, index: &Expr) -> String {
        let (before, base) = self.captured(|body| body.base(array));
        let (effects, index) = self.captured(|body| body.index(index));
        let base = if effects.is_empty() {
            self.add(&before);
            base
        } else {
            let kept = std::mem::replace(&mut self.keeps_indices, true);
            let base = self.base(array);
            self.keeps_indices = kept;
            self.add(&effects);
            base
        };
        format!("{base}v[{index}]")
    }

    fn index(&mut self, index: &Expr) -> String {
        match &index.kind {
            ExprKind::Int(digits, _) => (*digits).to_owned(),
            _ if self.keeps_indices => {
                let text = self.operand(index);
                self.temporary(&Ty::Scalar(Scalar::Usize), &text)
            }
            _ => self.operand(index),
        }
    }
}

fn references(ty: &Ty) -> usize {
    match ty {
        Ty::Ref(_, target) => 1 + references(target),
        _ => 0,
    }
}

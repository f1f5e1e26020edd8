//! Places: what can be assigned, indexed or borrowed.

use super::Refusal;
use super::stmt::Body;
use super::types::{Ty, member};
use crate::kernel::code::{Expr, ExprKind};

impl Body<'_> {
    /// The text of a place; a value that has none is given one.
    pub(super) fn place(&mut self, expr: &'static Expr) -> Result<String, Refusal> {
        match &expr.1 {
            ExprKind::Local(local) => Ok(self.local(*local)),
            ExprKind::Constant(k) if self.has_place(*k)? => Ok(self.constant_name(*k)),
            ExprKind::Deref(target) if matches!(self.ty(target)?, Ty::Ref(..)) => {
                let target = self.value(target)?;
                Ok(format!("(*{target})"))
            }
            // A reference that is looked through by itself.
            ExprKind::Deref(target) => self.place(target),
            ExprKind::Index(base, index) => {
                let base = self.base(base)?;
                let index = self.index(index)?;
                Ok(format!("{base}v[{index}]"))
            }
            ExprKind::Field(base, name) => {
                let base = self.base(base)?;
                Ok(format!("{base}{}", member(name)))
            }
            _ => {
                let ty = self.ty(expr)?;
                let name = self.declare(&ty);
                self.into(&name, expr)?;
                Ok(name)
            }
        }
    }

    /// The place behind any references.
    pub(super) fn place_behind(&mut self, expr: &'static Expr) -> Result<String, Refusal> {
        let place = self.place(expr)?;
        let depth = references(&self.ty(expr)?);
        Ok((0..depth).fold(place, |place, _| format!("(*{place})")))
    }

    /// What stands before a member: `x.` or, of a pointer, `x->`.
    fn base(&mut self, base: &'static Expr) -> Result<String, Refusal> {
        let base = match &base.1 {
            ExprKind::Deref(target) if matches!(self.ty(target)?, Ty::Ref(..)) => target,
            _ => base,
        };
        match references(&self.ty(base)?) {
            0 => Ok(format!("{}.", self.place(base)?)),
            1 => Ok(format!("{}->", self.value(base)?)),
            _ => Ok(format!("{}.", self.place_behind(base)?)),
        }
    }

    fn index(&mut self, index: &'static Expr) -> Result<String, Refusal> {
        match &index.1 {
            ExprKind::Int(digits, _) => Ok((*digits).to_owned()),
            _ => self.operand(index),
        }
    }

    fn has_place(&self, constant: usize) -> Result<bool, Refusal> {
        let scalar = matches!(self.constant_type(constant)?, Ty::Scalar(_));
        Ok(!scalar || self.constants[constant].numbers.is_none())
    }

    /// The type of a constant.
    pub(super) fn constant_type(&self, k: usize) -> Result<Ty, Refusal> {
        let found = match &self.constants[k].ty {
            crate::kernel::code::Type::Infer => None,
            ty => shape(ty),
        };
        let name = self.function.constants[k].name;
        found
            .ok_or_else(|| self.refuse(format!("`{name}` is not of a type of the kernel language")))
    }
}

/// The type of a constant, which says all by itself.
fn shape(ty: &crate::kernel::code::Type) -> Option<Ty> {
    use crate::kernel::code::{Length, Type};
    match ty {
        Type::Scalar(scalar) => Some(Ty::Scalar(*scalar)),
        Type::Kind(kind) => Some(Ty::of_kind(kind)),
        Type::Array(item, Length::Known(len)) => {
            Some(Ty::Array(std::rc::Rc::new(shape(item)?), *len as u64))
        }
        _ => None,
    }
}

fn references(ty: &Ty) -> usize {
    match ty {
        Ty::Ref(_, target) => 1 + references(target),
        _ => 0,
    }
}

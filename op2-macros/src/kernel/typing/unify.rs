//! Type variables, and what makes two types one.

use std::collections::HashMap;

use crate::kernel::ir::{Len, Scalar, Type, VarId};

/// What a variable may still become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Any,
    Int,
    Float,
}

#[derive(Clone, Debug)]
enum Slot {
    /// `outside`: rustc knows more than we do, so a literal must not fall back to its default.
    Free {
        family: Family,
        outside: bool,
    },
    Bound(Type),
}

/// The variables of one kernel.
#[derive(Default)]
pub(super) struct Unifier {
    slots: Vec<Slot>,
    /// Numbers for what stays unknown, in the order of appearance.
    numbers: HashMap<VarId, usize>,
}

impl Unifier {
    /// A variable of a literal, or of something that later code settles.
    pub(super) fn fresh(&mut self, family: Family) -> Type {
        self.slot(Slot::Free { family, outside: false })
    }

    /// A variable for what only rustc knows: a field, a function's result, a constant.
    pub(super) fn outside(&mut self) -> Type {
        self.slot(Slot::Free { family: Family::Any, outside: true })
    }

    fn slot(&mut self, slot: Slot) -> Type {
        self.slots.push(slot);
        Type::Unknown(VarId(self.slots.len() - 1))
    }

    /// A type as written, with a variable for each `_`.
    pub(super) fn instantiate(&mut self, ty: &Type) -> Type {
        match ty {
            Type::Unknown(VarId::UNSET) => self.fresh(Family::Any),
            Type::Array(element, len) => {
                Type::Array(Box::new(self.instantiate(element)), len.clone())
            }
            Type::Tuple(parts) => {
                Type::Tuple(parts.iter().map(|part| self.instantiate(part)).collect())
            }
            Type::Ref(mutable, target) => Type::Ref(*mutable, Box::new(self.instantiate(target))),
            other => other.clone(),
        }
    }

    /// The type behind a variable, as far as known; its parts may still be variables.
    pub(super) fn shallow(&self, ty: &Type) -> Type {
        let mut ty = ty;
        while let Type::Unknown(id) = ty {
            match self.slots.get(id.0) {
                Some(Slot::Bound(bound)) => ty = bound,
                _ => break,
            }
        }
        ty.clone()
    }

    /// Makes both types one, where they can be.
    pub(super) fn unify(&mut self, left: &Type, right: &Type) {
        let (left, right) = (self.shallow(left), self.shallow(right));
        match (&left, &right) {
            (Type::Unknown(a), Type::Unknown(b)) => self.join(*a, *b),
            (Type::Unknown(id), other) | (other, Type::Unknown(id)) => self.bind(*id, other),
            (Type::Array(a, _), Type::Array(b, _)) | (Type::Ref(_, a), Type::Ref(_, b)) => {
                self.unify(a, b);
            }
            (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => {
                a.iter().zip(b).for_each(|(a, b)| self.unify(a, b));
            }
            // Equal, an alias of each other, or a mistake that rustc reports: what literals in an
            // alias's array are is for rustc to say.
            _ => {
                self.open(&left);
                self.open(&right);
            }
        }
    }

    fn join(&mut self, a: VarId, b: VarId) {
        if a == b {
            return;
        }
        let (
            Some(Slot::Free { family: fa, outside: oa }),
            Some(Slot::Free { family: fb, outside: ob }),
        ) = (self.slots.get(a.0).cloned(), self.slots.get(b.0).cloned())
        else {
            return;
        };
        let family = if fa == Family::Any { fb } else { fa };
        self.slots[a.0] = Slot::Free { family, outside: oa || ob };
        self.slots[b.0] = Slot::Bound(Type::Unknown(a));
    }

    fn bind(&mut self, id: VarId, ty: &Type) {
        let Some(Slot::Free { family, .. }) = self.slots.get(id.0) else { return };
        let fits = match (family, ty) {
            (_, Type::Never) => false,
            (Family::Any, _) | (_, Type::Named(_) | Type::Generic(_)) => true,
            (Family::Int, Type::Scalar(scalar)) => scalar.is_integer(),
            (Family::Float, Type::Scalar(scalar)) => scalar.is_float(),
            _ => false,
        };
        if fits && !self.holds(ty, id) {
            self.slots[id.0] = Slot::Bound(ty.clone());
        }
    }

    /// Whether `ty` is built from the variable: binding it would never end.
    fn holds(&self, ty: &Type, id: VarId) -> bool {
        match self.shallow(ty) {
            Type::Unknown(other) => other == id,
            Type::Array(element, _) => self.holds(&element, id),
            Type::Tuple(parts) => parts.iter().any(|part| self.holds(part, id)),
            Type::Ref(_, target) => self.holds(&target, id),
            _ => false,
        }
    }

    /// Notes that a value meets code that only rustc knows, which may settle its type.
    pub(super) fn open(&mut self, ty: &Type) {
        match self.shallow(ty) {
            Type::Unknown(id) => {
                if let Some(Slot::Free { outside, .. }) = self.slots.get_mut(id.0) {
                    *outside = true;
                }
            }
            Type::Array(element, _) => self.open(&element),
            Type::Tuple(parts) => parts.iter().for_each(|part| self.open(part)),
            Type::Ref(_, target) => self.open(&target),
            _ => {}
        }
    }

    /// The final type: literals that nothing settled get their defaults.
    pub(super) fn resolve(&mut self, ty: &Type) -> Type {
        match self.shallow(ty) {
            Type::Unknown(id) => match self.slots.get(id.0) {
                Some(Slot::Free { family: Family::Int, outside: false }) => {
                    Type::Scalar(Scalar::I32)
                }
                Some(Slot::Free { family: Family::Float, outside: false }) => {
                    Type::Scalar(Scalar::F64)
                }
                _ => {
                    let next = self.numbers.len();
                    Type::Unknown(VarId(*self.numbers.entry(id).or_insert(next)))
                }
            },
            Type::Array(element, len) => Type::Array(Box::new(self.resolve(&element)), len),
            Type::Tuple(parts) => {
                Type::Tuple(parts.iter().map(|part| self.resolve(part)).collect())
            }
            Type::Ref(mutable, target) => Type::Ref(mutable, Box::new(self.resolve(&target))),
            other => other,
        }
    }

    /// The element type of an array, which an unknown type becomes by being indexed.
    pub(super) fn element(&mut self, array: &Type) -> Type {
        match self.shallow(array) {
            Type::Array(element, _) => *element,
            Type::Unknown(id) => {
                let element = self.outside();
                self.bind(id, &Type::Array(Box::new(element.clone()), Len::Unknown));
                element
            }
            _ => self.outside(),
        }
    }
}

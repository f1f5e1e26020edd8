//! Types that are still open, and what makes two of them one.

use std::rc::Rc;

use super::types::{Struct, Ty};
use crate::kernel::code::Scalar;

/// A type with parts that are to be found.
#[derive(Clone, Debug)]
pub(super) enum Open {
    Scalar(Scalar),
    Array(Box<Open>, Extent),
    Tuple(Vec<Open>),
    Ref(bool, Box<Open>),
    Struct(Rc<Struct>),
    Var(usize),
}

/// A number that is an array's length or a const parameter.
#[derive(Clone, Copy, Debug)]
pub(super) enum Extent {
    Known(i128),
    Var(usize),
}

/// What a variable may still become.
#[derive(Clone, Debug)]
enum Slot {
    Any,
    /// An integer literal.
    Int,
    /// A literal with a point.
    Float,
    /// A struct literal: the order of its fields in memory is not known from it.
    Record(String, Vec<(String, Open)>),
    Bound(Open),
}

/// The variables of one function.
#[derive(Default)]
pub(super) struct Unifier {
    slots: Vec<Slot>,
    extents: Vec<Option<Extent>>,
}

impl Unifier {
    pub(super) fn any(&mut self) -> Open {
        self.slot(Slot::Any)
    }

    pub(super) fn int(&mut self) -> Open {
        self.slot(Slot::Int)
    }

    pub(super) fn float(&mut self) -> Open {
        self.slot(Slot::Float)
    }

    pub(super) fn record(&mut self, name: &str, fields: Vec<(String, Open)>) -> Open {
        self.slot(Slot::Record(name.to_owned(), fields))
    }

    fn slot(&mut self, slot: Slot) -> Open {
        self.slots.push(slot);
        Open::Var(self.slots.len() - 1)
    }

    pub(super) fn extent(&mut self) -> Extent {
        self.extents.push(None);
        Extent::Var(self.extents.len() - 1)
    }

    /// The type behind a variable, as far as known; its parts may still be variables.
    pub(super) fn shallow(&self, ty: &Open) -> Open {
        let mut ty = ty;
        while let Open::Var(k) = ty {
            let Slot::Bound(bound) = &self.slots[*k] else { break };
            ty = bound;
        }
        ty.clone()
    }

    /// The value of an extent, if known.
    pub(super) fn number(&self, extent: Extent) -> Option<i128> {
        match extent {
            Extent::Known(number) => Some(number),
            Extent::Var(k) => self.number(self.extents[k]?),
        }
    }

    /// Makes both types one. Rust has checked the program: what cannot be one is a reference beside
    /// its value, and stays as it is.
    pub(super) fn unify(&mut self, left: &Open, right: &Open) {
        match (self.shallow(left), self.shallow(right)) {
            (Open::Var(a), Open::Var(b)) => self.join(a, b),
            (Open::Var(k), other) | (other, Open::Var(k)) => self.bind(k, other),
            (Open::Array(a, n), Open::Array(b, m)) => {
                self.same(n, m);
                self.unify(&a, &b);
            }
            (Open::Ref(_, a), Open::Ref(_, b)) => self.unify(&a, &b),
            (Open::Tuple(a), Open::Tuple(b)) if a.len() == b.len() => {
                a.iter().zip(&b).for_each(|(a, b)| self.unify(a, b));
            }
            _ => {}
        }
    }

    /// Makes both numbers one.
    pub(super) fn same(&mut self, a: Extent, b: Extent) {
        match (self.last(a), self.last(b)) {
            (Extent::Var(a), Extent::Var(b)) if a == b => {}
            (Extent::Var(k), other) | (other, Extent::Var(k)) => self.extents[k] = Some(other),
            _ => {}
        }
    }

    fn last(&self, extent: Extent) -> Extent {
        match extent {
            Extent::Var(k) => self.extents[k].map_or(extent, |next| self.last(next)),
            known @ Extent::Known(_) => known,
        }
    }

    fn join(&mut self, a: usize, b: usize) {
        if a == b {
            return;
        }
        // What is known of `a` must not be lost in `b`.
        let (from, to) = match (&self.slots[a], &self.slots[b]) {
            (Slot::Record(_, mine), Slot::Record(_, theirs)) => {
                for (left, right) in shared(&mine.clone(), &theirs.clone()) {
                    self.unify(&left, &right);
                }
                (a, b)
            }
            (Slot::Any, _) => (a, b),
            _ => (b, a),
        };
        self.slots[from] = Slot::Bound(Open::Var(to));
    }

    fn bind(&mut self, k: usize, ty: Open) {
        let fits = match (self.slots[k].clone(), &ty) {
            (Slot::Record(_, mine), Open::Struct(inner)) => {
                let theirs: Vec<(String, Open)> =
                    inner.fields.iter().map(|(name, ty)| (name.clone(), open(ty))).collect();
                for (left, right) in shared(&mine, &theirs) {
                    self.unify(&left, &right);
                }
                true
            }
            (Slot::Any, _) => true,
            (Slot::Int, Open::Scalar(scalar)) => !scalar.is_float() && *scalar != Scalar::Bool,
            (Slot::Float, Open::Scalar(scalar)) => scalar.is_float(),
            _ => false,
        };
        if fits && !self.holds(&ty, k) {
            self.slots[k] = Slot::Bound(ty);
        }
    }

    /// Whether `ty` is built from the variable: binding it would never end.
    fn holds(&self, ty: &Open, k: usize) -> bool {
        match self.shallow(ty) {
            Open::Var(other) => other == k,
            Open::Array(item, _) => self.holds(&item, k),
            Open::Ref(_, target) => self.holds(&target, k),
            Open::Tuple(parts) => parts.iter().any(|part| self.holds(part, k)),
            Open::Scalar(_) | Open::Struct(_) => false,
        }
    }

    /// The type of a field.
    pub(super) fn field(&self, base: &Open, name: &str) -> Option<Open> {
        match self.shallow(base) {
            Open::Tuple(parts) => parts.get(name.parse::<usize>().ok()?).cloned(),
            Open::Struct(inner) => {
                inner.fields.iter().find(|(field, _)| field == name).map(|(_, ty)| open(ty))
            }
            Open::Var(k) => match &self.slots[k] {
                Slot::Record(_, fields) => {
                    fields.iter().find(|(field, _)| field == name).map(|(_, ty)| ty.clone())
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The type, if all of it was found: literals that nothing settled get their defaults.
    pub(super) fn closed(&self, ty: &Open) -> Option<Ty> {
        Some(match self.shallow(ty) {
            Open::Scalar(scalar) => Ty::Scalar(scalar),
            Open::Array(item, len) => {
                let len = u64::try_from(self.number(len)?).ok()?;
                Ty::Array(Rc::new(self.closed(&item)?), len)
            }
            Open::Tuple(parts) => {
                Ty::Tuple(parts.iter().map(|part| self.closed(part)).collect::<Option<_>>()?)
            }
            Open::Ref(mutable, target) => Ty::Ref(mutable, Rc::new(self.closed(&target)?)),
            Open::Struct(inner) => Ty::Struct(inner),
            Open::Var(k) => match &self.slots[k] {
                Slot::Int => Ty::Scalar(Scalar::I32),
                Slot::Float => Ty::Scalar(Scalar::F64),
                Slot::Record(name, fields) => {
                    let field =
                        |(name, ty): &(String, Open)| Some((name.clone(), self.closed(ty)?));
                    let fields = fields.iter().map(field).collect::<Option<_>>()?;
                    Ty::Struct(Rc::new(Struct { name: name.clone(), fields }))
                }
                Slot::Any | Slot::Bound(_) => return None,
            },
        })
    }
}

/// The pairs of fields of one name.
fn shared(mine: &[(String, Open)], theirs: &[(String, Open)]) -> Vec<(Open, Open)> {
    let pair = |(name, ty): &(String, Open)| {
        let other = theirs.iter().find(|(other, _)| other == name)?;
        Some((ty.clone(), other.1.clone()))
    };
    mine.iter().filter_map(pair).collect()
}

/// The same type, as an open one.
pub(super) fn open(ty: &Ty) -> Open {
    match ty {
        Ty::Scalar(scalar) => Open::Scalar(*scalar),
        Ty::Array(item, len) => Open::Array(Box::new(open(item)), Extent::Known(i128::from(*len))),
        Ty::Tuple(parts) => Open::Tuple(parts.iter().map(open).collect()),
        Ty::Ref(mutable, target) => Open::Ref(*mutable, Box::new(open(target))),
        Ty::Struct(inner) => Open::Struct(inner.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_takes_the_type_that_it_meets_or_its_default() {
        let mut unifier = Unifier::default();
        let (literal, lonely) = (unifier.float(), unifier.int());
        unifier.unify(&literal, &Open::Scalar(Scalar::F32));
        assert_eq!(unifier.closed(&literal), Some(Ty::Scalar(Scalar::F32)));
        assert_eq!(unifier.closed(&lonely), Some(Ty::Scalar(Scalar::I32)));
    }

    #[test]
    fn lengths_are_found_from_either_side() {
        let mut unifier = Unifier::default();
        let n = unifier.extent();
        let item = unifier.any();
        let known = open(&Ty::Array(Rc::new(Ty::Scalar(Scalar::F64)), 3));
        unifier.unify(&known, &Open::Array(Box::new(item.clone()), n));
        assert_eq!(unifier.number(n), Some(3));
        assert_eq!(unifier.closed(&item), Some(Ty::Scalar(Scalar::F64)));
    }

    #[test]
    fn a_struct_literal_takes_the_layout_of_the_struct() {
        let mut unifier = Unifier::default();
        let (a, b) = (unifier.float(), unifier.int());
        let literal = unifier.record("S", vec![("b".into(), b), ("a".into(), a)]);
        let fields = vec![
            ("a".to_owned(), Ty::Scalar(Scalar::F32)),
            ("b".to_owned(), Ty::Scalar(Scalar::U8)),
        ];
        let whole = Ty::Struct(Rc::new(Struct { name: "S".into(), fields }));
        unifier.unify(&literal, &open(&whole));
        assert_eq!(unifier.closed(&literal), Some(whole));
    }
}

//! Types that are still open, and what makes two of them one.

use std::rc::Rc;

use super::types::{Struct, Ty};
use crate::kernel::code::Scalar;

/// A type with parts that are to be found.
#[derive(Clone, Debug)]
pub(super) enum Open {
    Scalar(Scalar),
    Array(Rc<Open>, Extent),
    Tuple(Rc<[Open]>),
    Ref(bool, Rc<Open>),
    Struct(Rc<Struct>),
    Var(usize),
}

impl Open {
    /// The type of statements.
    pub(super) fn unit() -> Self {
        Self::Tuple(Rc::new([]))
    }
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
    Record(Rc<Record>),
    Bound(Open),
}

#[derive(Debug)]
struct Record {
    name: &'static str,
    fields: Vec<(&'static str, Open)>,
}

/// The variables of one function.
#[derive(Default)]
pub(super) struct Unifier {
    slots: Vec<Slot>,
    extents: Vec<Option<Extent>>,
    applied: Vec<Applied>,
}

/// A struct of which the name and the const parameters are written, but not the shape.
struct Applied {
    ty: Open,
    name: &'static str,
    parameters: Vec<Extent>,
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

    /// A struct literal.
    pub(super) fn record(
        &mut self,
        name: &'static str,
        fields: &[&'static str],
        values: Vec<Open>,
    ) -> Open {
        let fields = fields.iter().copied().zip(values).collect();
        self.slot(Slot::Record(Rc::new(Record { name, fields })))
    }

    /// `Row<N>`, where only the argument says what a `Row` is.
    pub(super) fn applied(&mut self, name: &'static str, parameters: Vec<Extent>) -> Open {
        let ty = self.any();
        self.applied.push(Applied { ty: ty.clone(), name, parameters });
        ty
    }

    /// Finds the const parameters of all structs whose shape has been found meanwhile. One of another name
    /// was written as an alias, whose parameters may stand in another order.
    pub(super) fn settle(&mut self) {
        for Applied { ty, name, parameters } in std::mem::take(&mut self.applied) {
            let Open::Struct(found) = self.shallow(&ty) else { continue };
            if found.name == name && found.parameters.len() == parameters.len() {
                for (parameter, value) in parameters.iter().zip(found.parameters) {
                    self.same(*parameter, Extent::Known(*value));
                }
            }
        }
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
                a.iter().zip(b.iter()).for_each(|(a, b)| self.unify(a, b));
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
            (Slot::Record(mine), Slot::Record(theirs)) => {
                for (left, right) in shared(mine, |name| field_of(theirs, name)) {
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
            (Slot::Record(mine), Open::Struct(inner)) => {
                for (left, right) in shared(&mine, |name| inner.field(name).map(open)) {
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
            Open::Struct(inner) => inner.field(name).map(open),
            Open::Var(k) => match &self.slots[k] {
                Slot::Record(record) => field_of(record, name),
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
                Slot::Record(record) => {
                    let field = |(name, ty): &(&'static str, Open)| Some((*name, self.closed(ty)?));
                    let fields = record.fields.iter().map(field).collect::<Option<_>>()?;
                    Ty::Struct(Rc::new(Struct::packed(record.name, &[], fields)))
                }
                Slot::Any | Slot::Bound(_) => return None,
            },
        })
    }
}

fn field_of(record: &Record, name: &str) -> Option<Open> {
    record.fields.iter().find(|(field, _)| *field == name).map(|(_, ty)| ty.clone())
}

/// The fields of a literal beside those of the same names elsewhere.
fn shared(mine: &Record, theirs: impl Fn(&str) -> Option<Open>) -> Vec<(Open, Open)> {
    mine.fields.iter().filter_map(|(name, ty)| Some((ty.clone(), theirs(name)?))).collect()
}

/// The same type, as an open one.
pub(super) fn open(ty: &Ty) -> Open {
    match ty {
        Ty::Scalar(scalar) => Open::Scalar(*scalar),
        Ty::Array(item, len) => Open::Array(Rc::new(open(item)), Extent::Known(i128::from(*len))),
        Ty::Tuple(parts) => Open::Tuple(parts.iter().map(open).collect()),
        Ty::Ref(mutable, target) => Open::Ref(*mutable, Rc::new(open(target))),
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
        unifier.unify(&known, &Open::Array(Rc::new(item.clone()), n));
        assert_eq!(unifier.number(n), Some(3));
        assert_eq!(unifier.closed(&item), Some(Ty::Scalar(Scalar::F64)));
    }

    #[test]
    fn a_struct_literal_takes_the_layout_of_the_struct() {
        let mut unifier = Unifier::default();
        let (a, b) = (unifier.float(), unifier.int());
        let literal = unifier.record("S", &["b", "a"], vec![b, a]);
        let fields = vec![("a", Ty::Scalar(Scalar::F32)), ("b", Ty::Scalar(Scalar::U8))];
        let whole = Ty::Struct(Rc::new(Struct::packed("S", &[], fields)));
        unifier.unify(&literal, &open(&whole));
        assert_eq!(unifier.closed(&literal), Some(whole));
    }

    #[test]
    fn the_parameters_of_a_struct_follow_from_its_shape() {
        let row = |name| Ty::Struct(Rc::new(Struct::packed(name, &[3], Vec::new())));
        for (name, found) in [("Row", Some(3)), ("Alias", None)] {
            let mut unifier = Unifier::default();
            let n = unifier.extent();
            let written = unifier.applied(name, vec![n]);
            unifier.unify(&written, &open(&row("Row")));
            unifier.settle();
            assert_eq!(unifier.number(n), found);
        }
    }
}

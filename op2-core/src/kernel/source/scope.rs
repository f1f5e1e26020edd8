//! What the generic parameters of an instance are, and types that mention them.

use std::rc::Rc;

use super::tree::{Argument, Generic, Length, Tree, Type};
use super::types::Ty;
use super::unify::{Extent, Open, Unifier, open};
use crate::kernel::code::{self, Scalar};

/// What a generic parameter of an instance stands for; `None` where nothing says it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Given {
    Type(Option<Ty>),
    Value(Option<i128>),
}

impl Given {
    /// What the compiler has chosen for a generic parameter of a kernel.
    pub(super) fn chosen(argument: &code::Argument) -> Self {
        match argument {
            code::Argument::Type(ty) => Self::Type(Ty::of(ty)),
            code::Argument::Value(value) => Self::Value(Some(*value)),
        }
    }
}

/// What the generic parameters mean in the types of a function.
pub(super) struct Scope {
    pub(super) generics: Vec<Parameter>,
    /// The types of const parameters.
    pub(super) scalars: Vec<Scalar>,
    pub(super) shapes: &'static [code::Type],
}

/// A generic parameter, as far as it is known.
#[derive(Clone)]
pub(super) enum Parameter {
    Type(Open),
    Value(Extent),
}

impl Scope {
    pub(super) fn new(
        tree: &Tree,
        given: &[Given],
        shapes: &'static [code::Type],
        unifier: &mut Unifier,
    ) -> Self {
        let mut generics = Vec::new();
        for (k, generic) in tree.generics.iter().enumerate() {
            generics.push(match given.get(k) {
                Some(Given::Type(Some(ty))) => Parameter::Type(open(ty)),
                Some(Given::Value(Some(value))) => Parameter::Value(Extent::Known(*value)),
                _ if generic.constant.is_some() => Parameter::Value(unifier.extent()),
                _ => Parameter::Type(unifier.any()),
            });
        }
        let scalar = |generic: &Generic| generic.constant.unwrap_or(Scalar::Usize);
        Self { generics, scalars: tree.generics.iter().map(scalar).collect(), shapes }
    }

    /// The type of a function whose parameters mean what the scope says. `same` has the types of equal
    /// numbers; where it has none, only the body of that function knows them.
    pub(super) fn open(
        &self,
        ty: &Type,
        unifier: &mut Unifier,
        same: &mut dyn FnMut(usize, &mut Unifier) -> Open,
    ) -> Open {
        match ty {
            Type::Scalar(scalar) => Open::Scalar(*scalar),
            Type::Array(item, len) => {
                let item = self.open(item, unifier, same);
                Open::Array(Rc::new(item), self.length(*len, unifier))
            }
            Type::Tuple(parts) => {
                Open::Tuple(parts.iter().map(|part| self.open(part, unifier, same)).collect())
            }
            Type::Ref(mutable, target) => {
                Open::Ref(*mutable, Rc::new(self.open(target, unifier, same)))
            }
            Type::Param(k) => match self.generics.get(*k) {
                Some(Parameter::Type(ty)) => ty.clone(),
                _ => unifier.any(),
            },
            Type::Named(ty) => known(ty, unifier),
            Type::Shape(k) => match self.shapes.get(*k) {
                Some(shape) => known(shape, unifier),
                None => unifier.any(),
            },
            Type::Struct(name, arguments) => {
                let extents = arguments.iter().map(|argument| self.extent(argument, unifier));
                let extents = extents.collect();
                unifier.applied(name, extents)
            }
            Type::Same(k) => same(*k, unifier),
            Type::Infer => unifier.any(),
        }
    }

    pub(super) fn length(&self, len: Length, unifier: &mut Unifier) -> Extent {
        match len {
            Length::Known(len) => Extent::Known(len as i128),
            Length::Param(k) => self.value(k, unifier),
            Length::Infer => unifier.extent(),
        }
    }

    fn extent(&self, argument: &Argument, unifier: &mut Unifier) -> Extent {
        match argument {
            Argument::Value(value) => Extent::Known(*value),
            Argument::Param(k) => self.value(*k, unifier),
            Argument::Type(_) | Argument::Infer => unifier.extent(),
        }
    }

    fn value(&self, generic: usize, unifier: &mut Unifier) -> Extent {
        match self.generics.get(generic) {
            Some(Parameter::Value(value)) => *value,
            _ => unifier.extent(),
        }
    }
}

/// A type that the compiler has worked out.
pub(super) fn known(ty: &code::Type, unifier: &mut Unifier) -> Open {
    match Ty::of(ty) {
        Some(ty) => open(&ty),
        None => unifier.any(),
    }
}

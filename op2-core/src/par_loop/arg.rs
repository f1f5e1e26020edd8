//! The arguments and the space of a loop, as plain data.

use std::sync::Arc;

use crate::base::element::{Element, ElementKind, bytes_of};
use crate::mesh::access::Access;
use crate::mesh::dat::DatCore;
use crate::mesh::global::GlobalCore;
use crate::mesh::map::MapCore;
use crate::mesh::set::{SetCore, SubsetCore};

/// What a loop runs over.
#[derive(Clone, Copy, Debug)]
pub struct SpaceRef<'a> {
    /// The set.
    pub set: &'a Arc<SetCore>,
    /// The part of it, if not all.
    pub subset: Option<&'a Arc<SubsetCore>>,
}

impl SpaceRef<'_> {
    /// The name of the set or subset.
    pub fn name(&self) -> &str {
        self.subset.map_or(&self.set.name, |subset| &subset.name)
    }
}

/// The data of one argument.
#[derive(Clone, Copy, Debug)]
pub enum DataRef<'a> {
    /// A dat.
    Dat(&'a Arc<DatCore>),
    /// A global or reduction.
    Global(&'a Arc<GlobalCore>),
    /// A plain value.
    Value {
        /// Its bytes.
        bytes: &'a [u8],
        /// Its shape.
        kind: ElementKind,
    },
    /// The element's number.
    Index,
}

impl<'a> DataRef<'a> {
    /// A plain value.
    pub fn value<T: Element>(value: &'a T) -> Self {
        Self::Value { bytes: bytes_of(std::slice::from_ref(value)), kind: T::KIND }
    }
}

/// Through which part of a map.
#[derive(Clone, Copy, Debug)]
pub enum Via<'a> {
    /// No map.
    Direct,
    /// One entry.
    Entry(&'a Arc<MapCore>, usize),
    /// All entries.
    Whole(&'a Arc<MapCore>),
}

impl<'a> Via<'a> {
    /// The map, if any.
    pub fn map(&self) -> Option<&'a Arc<MapCore>> {
        match *self {
            Self::Direct => None,
            Self::Entry(map, _) | Self::Whole(map) => Some(map),
        }
    }

    /// The entries used, as a range of columns.
    pub fn columns(&self) -> std::ops::Range<usize> {
        match *self {
            Self::Direct => 0..0,
            Self::Entry(_, k) => k..k + 1,
            Self::Whole(map) => 0..map.arity,
        }
    }
}

/// One argument of a loop.
#[derive(Clone, Copy, Debug)]
pub struct ArgRef<'a> {
    /// What it is.
    pub data: DataRef<'a>,
    /// How it is used.
    pub access: Access,
    /// How it is reached.
    pub via: Via<'a>,
    /// As written in the loop.
    pub text: &'static str,
}

impl<'a> ArgRef<'a> {
    /// The dat, if it is one.
    pub fn dat(&self) -> Option<&'a Arc<DatCore>> {
        match self.data {
            DataRef::Dat(dat) => Some(dat),
            _ => None,
        }
    }

    /// The global or reduction, if it is one.
    pub fn global(&self) -> Option<&'a Arc<GlobalCore>> {
        match self.data {
            DataRef::Global(global) => Some(global),
            _ => None,
        }
    }

    /// Whether elements combine into one value.
    pub fn reduces(&self) -> bool {
        self.global().is_some() && self.access.writes()
    }
}

//! The arguments and the space of a loop, as plain data.

use std::sync::Arc;

use crate::base::element::{Element, ElementKind, bytes_of};
use crate::matrix::mat_core::MatCore;
use crate::mesh::access::Access;
use crate::mesh::dat_core::DatCore;
use crate::mesh::global::GlobalCore;
use crate::mesh::map::MapCore;
use crate::mesh::set::SetCore;
use crate::mesh::subset::SubsetCore;

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
    /// A matrix.
    Mat(&'a Arc<MatCore>),
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
    /// One of the local indices of a loop over the points of its elements: which.
    Point(usize),
}

impl<'a> DataRef<'a> {
    /// A plain value.
    pub fn value<T: Element>(value: &'a T) -> Self {
        Self::Value { bytes: bytes_of(std::slice::from_ref(value)), kind: T::KIND }
    }
}

/// Which entries of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All.
    All,
    /// One.
    One(usize),
    /// The one that a local index of the loop names: which index.
    Point(usize),
}

/// Some entries of a map.
#[derive(Clone, Copy, Debug)]
pub struct Route<'a> {
    /// The map.
    pub map: &'a Arc<MapCore>,
    /// Where it leads nowhere; for matrices only.
    pub mask: Option<&'a Arc<SubsetCore>>,
    /// The entries.
    pub part: Part,
}

impl<'a> Route<'a> {
    /// Entries of a whole map.
    pub fn new(map: &'a Arc<MapCore>, part: Part) -> Self {
        Self { map, mask: None, part }
    }

    /// The entries that a loop uses, as a range of columns.
    pub fn columns(&self) -> std::ops::Range<usize> {
        match self.part {
            Part::All | Part::Point(_) => 0..self.map.arity,
            Part::One(k) => k..k + 1,
        }
    }

    /// Whether both are the same entry, or entries, of one map.
    pub fn is_same(&self, other: &Self) -> bool {
        self.map.id == other.map.id && self.part == other.part
    }
}

/// How an argument's data is reached.
#[derive(Clone, Copy, Debug)]
pub enum Via<'a> {
    /// No map.
    Direct,
    /// Through a map: dats.
    Map(Route<'a>),
    /// Through a map to the rows and one to the columns: matrices.
    Maps(Route<'a>, Route<'a>),
}

impl<'a> Via<'a> {
    /// The way to rows of the data: through the map, or the one to a matrix's rows.
    pub fn rows(&self) -> Option<Route<'a>> {
        match *self {
            Self::Direct => None,
            Self::Map(route) | Self::Maps(route, _) => Some(route),
        }
    }

    /// All maps on the way.
    pub fn routes(&self) -> impl Iterator<Item = Route<'a>> + use<'a> {
        let cols = if let Self::Maps(_, cols) = *self { Some(cols) } else { None };
        self.rows().into_iter().chain(cols)
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

    /// The matrix with the ways to its rows and columns, if it is one.
    pub fn mat(&self) -> Option<(&'a Arc<MatCore>, Route<'a>, Route<'a>)> {
        match (self.data, self.via) {
            (DataRef::Mat(mat), Via::Maps(rows, cols)) => Some((mat, rows, cols)),
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

    /// Distinguishes dats and matrices; none for everything else.
    pub fn stored(&self) -> Option<u64> {
        match self.data {
            DataRef::Dat(dat) => Some(dat.id),
            DataRef::Mat(mat) => Some(mat.id),
            _ => None,
        }
    }

    /// Whether elements combine into one value.
    pub fn reduces(&self) -> bool {
        self.global().is_some() && self.access.writes()
    }
}

//! What a mesh file holds, whatever its format: points, cells by shape, named groups, fields.
//!
//! [`Mesh`] is plain data. Reading is in the files named after the formats, which all feed
//! [`MeshBuilder`](super::builder::MeshBuilder); facets, measures and checks are in `topology`,
//! `measure` and `check`; sets and maps are the program's own.
//!
//! Invariants of a mesh that was read: every coordinate is finite, every node of a cell is a
//! point, no cell lists a node twice, there is at most one block of cells per shape, in the order
//! of [`Shape`], and every member of a group is a cell.

use std::fmt;
use std::path::{Path, PathBuf};

use super::Shape;
use crate::base::error::Error;

/// A mesh as read from a file, or made by a program.
///
/// Two meshes are equal when they hold the same, whatever their names.
#[derive(Debug, Clone, Default)]
pub struct Mesh {
    /// What errors call the mesh: the file that it was read from.
    pub name: PathBuf,
    /// Positions of the nodes, `[num_points]`; the third coordinate is 0 where `dim` is 2.
    pub points: Vec<[f64; 3]>,
    /// 2 for a plane mesh, 3 for one in space (a surface or solid).
    pub dim: usize,
    /// The cells, one block per shape that occurs; cells of lower dimension than the mesh
    /// (boundary edges, say) are among them.
    pub cells: Vec<Cells>,
    /// Named parts, ordered by dimension and tag.
    pub groups: Vec<Group>,
    /// Values at the points.
    pub point_data: Vec<PointData>,
}

impl PartialEq for Mesh {
    fn eq(&self, other: &Self) -> bool {
        let Self { name: _, points, dim, cells, groups, point_data } = self;
        (points, dim, cells) == (&other.points, &other.dim, &other.cells)
            && (groups, point_data) == (&other.groups, &other.point_data)
    }
}

/// The cells of one shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cells {
    /// Their shape.
    pub shape: Shape,
    /// The corners, `[num_cells, shape.num_nodes()]` row by row, each an index of a point.
    pub nodes: Vec<u32>,
    /// The tag of the first group each cell belongs to, 0 where there is none, `[num_cells]`.
    pub tags: Vec<i32>,
}

impl Cells {
    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.tags.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.tags.is_empty()
    }

    /// The corners of one cell.
    ///
    /// # Panics
    /// If there is no such cell.
    pub fn cell(&self, cell: usize) -> &[u32] {
        let arity = self.shape.num_nodes();
        &self.nodes[cell * arity..][..arity]
    }

    /// The corners of the cells in turn.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u32]> {
        self.nodes.chunks_exact(self.shape.num_nodes())
    }
}

/// A named part of a mesh: cells of one dimension, such as the edges of a wall.
///
/// A Gmsh physical group, an SU2 marker, an MFEM attribute, an OBJ group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name; where the file has only a number, that number.
    pub name: String,
    /// The dimension of its cells.
    pub dim: usize,
    /// Its number in the file, unique among groups of this dimension.
    pub tag: i32,
    /// Its cells: for each shape that occurs, indices into that block, increasing.
    pub members: Vec<(Shape, Vec<u32>)>,
}

impl Group {
    /// How many cells belong to it.
    pub fn len(&self) -> usize {
        self.members.iter().map(|(_, cells)| cells.len()).sum()
    }

    /// Whether no cell does.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Values at the points of a mesh.
#[derive(Debug, Clone, PartialEq)]
pub struct PointData {
    /// The name of the field in the file.
    pub name: String,
    /// How many values each point has.
    pub components: usize,
    /// The values, `[num_points, components]` row by row.
    pub values: Vec<f64>,
}

/// A table that a mesh does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MeshError {
    /// No cell has this shape.
    #[error("the mesh has no {0}s; it has {1}")]
    NoCells(Shape, String),
    /// The shape has another number of nodes.
    #[error("a {shape} has {} nodes, not {asked}", shape.num_nodes())]
    Arity {
        /// The shape asked for.
        shape: Shape,
        /// The number of nodes asked for.
        asked: usize,
    },
    /// The cells have another number of corners.
    #[error("the cells are {shape}s with {} corners, not cells with {asked}; the mesh has {has}", shape.num_nodes())]
    CellArity {
        /// The shape of the cells.
        shape: Shape,
        /// The number of corners asked for.
        asked: usize,
        /// All cells of the mesh.
        has: String,
    },
    /// A mesh of a program's own that cannot be.
    #[error("{0}")]
    Made(String),
    /// Cells of one dimension have several shapes, where one was needed.
    #[error("the mesh mixes shapes: {0}")]
    Mixed(String),
    /// The points have another number of coordinates.
    #[error("the mesh is {dim}-dimensional: its points have no {asked} coordinates of their own")]
    Dim {
        /// The dimension of the mesh.
        dim: usize,
        /// The coordinates asked for.
        asked: usize,
    },
    /// No group has this name.
    #[error("the mesh has no group `{name}` of dimension {dim}; it has {known}")]
    NoGroup {
        /// The name asked for.
        name: String,
        /// The dimension asked for.
        dim: usize,
        /// The groups of that dimension.
        known: String,
    },
    /// No field has this name.
    #[error("the mesh has no point data `{name}`; it has {known}")]
    NoField {
        /// The name asked for.
        name: String,
        /// The fields there are.
        known: String,
    },
}

impl From<MeshError> for Error {
    fn from(error: MeshError) -> Self {
        Self::Other(error.to_string())
    }
}

impl Mesh {
    /// The cells of one shape, if there are any.
    pub fn block(&self, shape: Shape) -> Option<&Cells> {
        self.cells.iter().find(|block| block.shape == shape)
    }

    /// The corners of all cells of one shape: `[num_cells, A]`, as `cx.map` takes them.
    ///
    /// # Errors
    /// When `A` is not the shape's number of nodes, or the mesh has no such cell.
    pub fn table<const A: usize>(&self, shape: Shape) -> Result<Vec<[u32; A]>, MeshError> {
        if shape.num_nodes() != A {
            return Err(MeshError::Arity { shape, asked: A });
        }
        let block = self.block(shape);
        let block = block.ok_or_else(|| MeshError::NoCells(shape, self.inventory()))?;
        Ok(block.nodes.as_chunks().0.to_vec())
    }

    /// The points with `D` coordinates: `[num_points, D]`. A plane mesh can be had in space.
    ///
    /// # Errors
    /// When `D` is less than the dimension of the mesh, or more than 3.
    pub fn coords<const D: usize>(&self) -> Result<Vec<[f64; D]>, MeshError> {
        if D < self.dim || D > 3 {
            return Err(MeshError::Dim { dim: self.dim, asked: D });
        }
        Ok(self.points.iter().map(|point| std::array::from_fn(|axis| point[axis])).collect())
    }

    /// The largest dimension of any cell: 2 for a surface, although its points are in space.
    pub fn cell_dim(&self) -> usize {
        self.cells.last().map_or(0, |block| block.shape.dim())
    }

    /// The blocks of cells of one dimension.
    pub fn blocks_of_dim(&self, dim: usize) -> impl Iterator<Item = &Cells> {
        self.cells.iter().filter(move |block| block.shape.dim() == dim)
    }

    /// How many cells of one dimension there are.
    pub fn num_cells(&self, dim: usize) -> usize {
        self.blocks_of_dim(dim).map(Cells::len).sum()
    }

    /// The one shape that all cells of the largest dimension have.
    ///
    /// # Errors
    /// When there are several, or no cells at all.
    pub fn only_shape(&self) -> Result<Shape, MeshError> {
        let mut blocks = self.blocks_of_dim(self.cell_dim());
        match (blocks.next(), blocks.next()) {
            (Some(only), None) => Ok(only.shape),
            _ => Err(MeshError::Mixed(self.inventory())),
        }
    }

    /// The group of this dimension and name.
    ///
    /// # Errors
    /// When there is none; the error lists those there are.
    pub fn group(&self, dim: usize, name: &str) -> Result<&Group, MeshError> {
        let of_dim = || self.groups.iter().filter(|group| group.dim == dim);
        of_dim().find(|group| group.name == name).ok_or_else(|| MeshError::NoGroup {
            name: name.to_owned(),
            dim,
            known: listed(of_dim().map(|group| format!("`{}`", group.name))),
        })
    }

    /// The values at the points that the file calls `name`.
    ///
    /// # Errors
    /// When there are none; the error lists the fields there are.
    pub fn field(&self, name: &str) -> Result<&PointData, MeshError> {
        let found = self.point_data.iter().find(|data| data.name == name);
        found.ok_or_else(|| MeshError::NoField {
            name: name.to_owned(),
            known: listed(self.point_data.iter().map(|data| format!("`{}`", data.name))),
        })
    }

    /// The nodes of a group's cells, each once, increasing: a subset of the points.
    pub fn group_nodes(&self, group: &Group) -> Vec<u32> {
        let mut nodes = Vec::new();
        for (shape, cells) in &group.members {
            let Some(block) = self.block(*shape) else { continue };
            nodes.extend(cells.iter().flat_map(|&cell| block.cell(cell as usize)));
        }
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    }

    /// An error about this mesh, with its name.
    pub(super) fn error(&self, reason: &impl fmt::Display) -> Error {
        named(&self.name, reason)
    }

    /// How many cells of which shapes, in words.
    pub(super) fn inventory(&self) -> String {
        listed(self.cells.iter().map(|block| format!("{} {}s", block.len(), block.shape)))
    }
}

/// An error about the mesh of this name; a mesh without one is "the mesh".
pub(super) fn named(name: &Path, reason: &impl fmt::Display) -> Error {
    if name.as_os_str().is_empty() {
        return Error::Other(reason.to_string());
    }
    Error::File(format!("{}: {reason}", name.display()))
}

fn listed(items: impl Iterator<Item = String>) -> String {
    let items: Vec<_> = items.collect();
    if items.is_empty() { "none".to_owned() } else { items.join(", ") }
}

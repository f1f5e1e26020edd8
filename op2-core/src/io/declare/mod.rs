//! From a mesh to the sets, maps and dats of a [`Context`].
//!
//! Each call declares one part of a mesh and gives typed handles; programs take the parts they
//! need: nodes and cells here, edges and boundaries in `facets`, named groups and fields of the file
//! in `parts`. All of it speaks the numbering of the file, before and after `cx.reorder(..)`.
//!
//! Names are made of the names of the sets, which are unique in a context: dat `Nodes.x`, map
//! `Cells.Nodes`. So several meshes can be declared in one context. Another map between the same
//! two sets is the program's own business (`cx.map`), which can give it another name.

mod facets;
mod parts;

use super::mesh::{Mesh, MeshError};
use super::shape::Shape;
use crate::base::error::Result;
use crate::context::Context;
use crate::mesh::dat::Dat;
use crate::mesh::map::Map;
use crate::mesh::set::{Set, SetMarker};

pub use facets::Facets;
pub use parts::FileField;

/// The nodes and cells of a mesh with one shape of cells, as declared by [`Mesh::declare`].
#[derive(Debug, Clone)]
pub struct MeshSets<N, C, const ARITY: usize, const D: usize> {
    /// The points of the file, all of them.
    pub nodes: Set<N>,
    /// The cells of the largest dimension.
    pub cells: Set<C>,
    /// The corners of each cell, in the order of the file.
    pub cell_nodes: Map<C, N, ARITY>,
    /// The positions of the nodes.
    pub x: Dat<N, [f64; D]>,
}

impl Mesh {
    /// Declares nodes, cells, the map from cells to their corners, and the coordinates.
    ///
    /// `ARITY` is the number of corners of a cell, `D` the number of coordinates of a node. The
    /// shape of the cells follows from `ARITY`: with 4, the quads of a plane mesh or surface, the
    /// tetrahedra of a solid. Cells of lower dimension (boundary edges, say) are not declared: see
    /// [`Topology::declare_boundary`](super::Topology::declare_boundary).
    ///
    /// ```
    /// use op2_core::io::{Mesh, MeshSets, Shape, Topology};
    /// # use op2_core::context::Context;
    /// # use op2_core::base::error::Result;
    /// # use op2_core::mesh::{map::Map, set::SetMarker, subset::Subset};
    /// # macro_rules! sets { ($($name:ident)*) => {$(
    /// #     enum $name {}
    /// #     impl SetMarker for $name { const NAME: &'static str = stringify!($name); }
    /// # )*} }
    /// # sets! { Nodes Cells Edges Rim }
    /// # fn main() -> Result<()> {
    /// # let cx = Context::new(Default::default(), None)?;
    /// // Two triangles. In a program: `let mesh = Mesh::read("plate.msh")?;`
    /// let corners = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
    /// let mesh = Mesh::new(&corners, Shape::Triangle, &[[0, 1, 2], [0, 2, 3]])?;
    ///
    /// // Finite elements: nodes, cells, and the nodes on the boundary.
    /// let m: MeshSets<Nodes, Cells, 3, 2> = mesh.declare(&cx)?;
    /// assert_eq!((m.nodes.size(), m.cell_nodes.to_vec()?[1]), (4, [0, 2, 3]));
    /// let topology = Topology::of(&mesh)?;
    /// let rim = topology.declare_boundary::<Rim, _, _, 2>(&cx, &m.nodes, &m.cells)?;
    /// assert_eq!(rim.set.size(), 4);
    ///
    /// // Finite volumes: each edge inside the mesh with the cells to its left and right.
    /// let edges = topology.declare_interior::<Edges, _, _, 2>(&cx, &m.nodes, &m.cells)?;
    /// let left_and_right: &Map<Edges, Cells, 2> = &edges.cells;
    /// assert_eq!(left_and_right.to_vec()?, [[0, 1]]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the cells have another number of corners or several shapes, or the nodes need more
    /// coordinates; the message names the file and says what it has.
    pub fn declare<N: SetMarker, C: SetMarker, const ARITY: usize, const D: usize>(
        &self,
        cx: &Context,
    ) -> Result<MeshSets<N, C, ARITY, D>> {
        // What may fail comes before anything is declared.
        self.shape_of_all(ARITY).map_err(|error| self.error(&error))?;
        let (nodes, x) = self.declare_nodes(cx)?;
        let (cells, cell_nodes) = self.declare_cells(cx, &nodes)?;
        Ok(MeshSets { nodes, cells, cell_nodes, x })
    }

    /// Declares the points of the file as a set, with their coordinates.
    ///
    /// # Errors
    /// When the mesh needs more than `D` coordinates.
    #[expect(clippy::type_complexity, reason = "two handles, taken apart by every caller")]
    pub fn declare_nodes<N: SetMarker, const D: usize>(
        &self,
        cx: &Context,
    ) -> Result<(Set<N>, Dat<N, [f64; D]>)> {
        let coords = self.coords::<D>().map_err(|error| self.error(&error))?;
        let nodes = cx.set(self.points.len())?;
        let x = cx.dat(&format!("{}.x", nodes.name()), &nodes, coords)?;
        Ok((nodes, x))
    }

    /// Declares the cells of the largest dimension, which have one shape, with their corners.
    ///
    /// # Errors
    /// When they have several shapes or another number of corners, or `nodes` is not the set of
    /// this mesh's points.
    pub fn declare_cells<C: SetMarker, N, const ARITY: usize>(
        &self,
        cx: &Context,
        nodes: &Set<N>,
    ) -> Result<(Set<C>, Map<C, N, ARITY>)> {
        let shape = self.shape_of_all(ARITY).map_err(|error| self.error(&error))?;
        self.declare_shape(cx, nodes, shape)
    }

    /// Declares the cells of one shape with their corners: for meshes that mix shapes, one call
    /// for each, and for cells of lower dimension.
    ///
    /// Where methods see all cells alike (finite volumes), make one set of all of them, with
    /// `cx.set(mesh.num_cells(2))`, and say with [`Mesh::declare_numbers`] which of them the
    /// triangles and the quads are.
    ///
    /// ```
    /// use op2_core::io::{Mesh, Shape};
    /// # use op2_core::context::Context;
    /// # use op2_core::base::error::Result;
    /// # use op2_core::mesh::set::SetMarker;
    /// # macro_rules! sets { ($($name:ident)*) => {$(
    /// #     enum $name {}
    /// #     impl SetMarker for $name { const NAME: &'static str = stringify!($name); }
    /// # )*} }
    /// # sets! { Nodes Triangles Quads Cells }
    /// # fn main() -> Result<()> {
    /// # let cx = Context::new(Default::default(), None)?;
    /// let corners = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [2.0, 0.5]];
    /// let mesh = Mesh::new(&corners, Shape::Quad, &[[0, 1, 2, 3]])?
    ///     .with_cells(Shape::Triangle, &[[1, 4, 2]])?;
    /// let (nodes, x) = mesh.declare_nodes::<Nodes, 2>(&cx)?;
    /// let (triangles, triangle_nodes) =
    ///     mesh.declare_shape::<Triangles, _, 3>(&cx, &nodes, Shape::Triangle)?;
    /// let (quads, quad_nodes) = mesh.declare_shape::<Quads, _, 4>(&cx, &nodes, Shape::Quad)?;
    ///
    /// // All cells together, as `Topology` numbers them.
    /// let cells = cx.set::<Cells>(mesh.num_cells(2))?;
    /// let quad_cells = mesh.declare_numbers(&cx, &quads, &cells, Shape::Quad)?;
    /// assert_eq!(quad_cells.to_vec()?, [[1]]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the mesh has no cell of this shape, the shape another number of corners, or `nodes` is
    /// not the set of this mesh's points.
    pub fn declare_shape<C: SetMarker, N, const ARITY: usize>(
        &self,
        cx: &Context,
        nodes: &Set<N>,
        shape: Shape,
    ) -> Result<(Set<C>, Map<C, N, ARITY>)> {
        self.check_nodes(nodes)?;
        let table = self.table(shape).map_err(|error| self.error(&error))?;
        let cells = cx.set(table.len())?;
        let cell_nodes = cx.map(&between(&cells, nodes), &cells, nodes, table)?;
        Ok((cells, cell_nodes))
    }

    /// Declares which of all cells the cells of one shape are: `of_shape` from
    /// [`Mesh::declare_shape`], `cells` a set of all cells of the largest dimension.
    ///
    /// # Errors
    /// When one of the sets has another size.
    pub fn declare_numbers<S, C>(
        &self,
        cx: &Context,
        of_shape: &Set<S>,
        cells: &Set<C>,
        shape: Shape,
    ) -> Result<Map<S, C, 1>> {
        self.check_size(cells, self.num_cells(self.cell_dim()), "cells")?;
        let mut first = 0;
        for block in self.blocks_of_dim(self.cell_dim()) {
            let end = first + block.len() as u32;
            if block.shape == shape {
                self.check_size(of_shape, block.len(), &format!("{shape}s"))?;
                let numbers: Vec<_> = (first..end).map(|cell| [cell]).collect();
                return cx.map(&between(of_shape, cells), of_shape, cells, numbers);
            }
            first = end;
        }
        Err(self.error(&MeshError::NoCells(shape, self.inventory())))
    }

    /// Declares the edges of all cells, each once, with their two nodes: the lower one first, sorted.
    ///
    /// # Errors
    /// When `nodes` is not the set of this mesh's points.
    pub fn declare_edges<E: SetMarker, N>(
        &self,
        cx: &Context,
        nodes: &Set<N>,
    ) -> Result<(Set<E>, Map<E, N, 2>)> {
        self.check_nodes(nodes)?;
        let table = self.edges();
        let edges = cx.set(table.len())?;
        let edge_nodes = cx.map(&between(&edges, nodes), &edges, nodes, table)?;
        Ok((edges, edge_nodes))
    }

    /// The one shape of the cells, when its corners are as many as asked for.
    fn shape_of_all(&self, arity: usize) -> std::result::Result<Shape, MeshError> {
        let shape = self.only_shape()?;
        if shape.num_nodes() == arity {
            return Ok(shape);
        }
        Err(MeshError::CellArity { shape, asked: arity, has: self.inventory() })
    }

    fn check_nodes<N>(&self, nodes: &Set<N>) -> Result<()> {
        self.check_size(nodes, self.points.len(), "points")
    }

    fn check_size<S>(&self, set: &Set<S>, size: usize, what: &str) -> Result<()> {
        match_size(set, size, what).map_err(|reason| self.error(&reason))
    }
}

/// Why a set cannot be that of `size` things of a mesh.
fn match_size<S>(set: &Set<S>, size: usize, what: &str) -> std::result::Result<(), String> {
    if set.size() == size {
        return Ok(());
    }
    Err(format!("the mesh has {size} {what}, set `{}` has {}", set.name(), set.size()))
}

/// The name of the map between two sets.
fn between<F, T>(from: &Set<F>, to: &Set<T>) -> String {
    format!("{}.{}", from.name(), to.name())
}

//! Named groups as subsets, and fields of the file as dats.

use crate::base::element::Element;
use crate::base::error::Result;
use crate::context::Context;
use crate::io::mesh::{Mesh, MeshError};
use crate::io::shape::Shape;
use crate::mesh::dat::Dat;
use crate::mesh::set::Set;
use crate::mesh::subset::Subset;

/// What a field of a file becomes in a dat: `f64` for one component, `[f64; K]` for `K`.
pub trait FileField: Element {
    #[doc(hidden)]
    const COMPONENTS: usize;
    #[doc(hidden)]
    fn of_row(row: &[f64]) -> Self;
}

impl FileField for f64 {
    const COMPONENTS: usize = 1;
    fn of_row(row: &[f64]) -> Self {
        row[0]
    }
}

impl<const K: usize> FileField for [f64; K]
where
    Self: Element,
{
    const COMPONENTS: usize = K;
    fn of_row(row: &[f64]) -> Self {
        std::array::from_fn(|component| row[component])
    }
}

impl Mesh {
    /// Declares the values that the file has at its points (`$NodeData` in Gmsh's format) as a dat,
    /// called `Nodes.depth` where the field is `depth`.
    ///
    /// ```no_run
    /// # use op2_core::io::Mesh;
    /// # use op2_core::context::Context;
    /// # use op2_core::mesh::{dat::Dat, set::SetMarker};
    /// # enum Nodes {}
    /// # impl SetMarker for Nodes { const NAME: &'static str = "Nodes"; }
    /// # fn main() -> op2_core::base::error::Result<()> {
    /// # let cx = Context::new(Default::default(), None)?;
    /// let mesh = Mesh::read("sea.msh")?;
    /// let (nodes, x) = mesh.declare_nodes::<Nodes, 2>(&cx)?;
    /// let depth: Dat<Nodes, f64> = mesh.declare_field(&cx, &nodes, "depth")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the file has no such field, the field another number of components, or `nodes` is not
    /// the set of this mesh's points.
    pub fn declare_field<N, T: FileField>(
        &self,
        cx: &Context,
        nodes: &Set<N>,
        name: &str,
    ) -> Result<Dat<N, T>> {
        self.check_nodes(nodes)?;
        let field = self.field(name).map_err(|error| self.error(&error))?;
        if field.components != T::COMPONENTS {
            let (has, asked) = (field.components, T::COMPONENTS);
            let reason = format!("point data `{name}` has {has} values per point, not {asked}");
            return Err(self.error(&reason));
        }
        let rows = field.values.chunks_exact(T::COMPONENTS.max(1));
        let values: Vec<T> = rows.map(T::of_row).collect();
        cx.dat(&format!("{}.{name}", nodes.name()), nodes, values)
    }

    /// Declares the nodes of the cells of a group as a subset: the nodes of a wall, say, whose
    /// edges are a group of dimension 1.
    ///
    /// # Errors
    /// When the mesh has no such group, or `nodes` is not the set of its points.
    pub fn declare_group_nodes<N>(
        &self,
        cx: &Context,
        nodes: &Set<N>,
        dim: usize,
        name: &str,
    ) -> Result<Subset<N>> {
        self.check_nodes(nodes)?;
        let group = self.group(dim, name).map_err(|error| self.error(&error))?;
        cx.subset(name, nodes, self.group_nodes(group))
    }

    /// Declares the cells of one shape in a group as a subset of the set of
    /// [`Mesh::declare_shape`] or, where all have one shape, of [`Mesh::declare`].
    ///
    /// # Errors
    /// When the mesh has no such group, or `cells` is not the set of its cells of this shape.
    pub fn declare_group_cells<C>(
        &self,
        cx: &Context,
        cells: &Set<C>,
        shape: Shape,
        name: &str,
    ) -> Result<Subset<C>> {
        let block = self.block(shape);
        let block =
            block.ok_or_else(|| self.error(&MeshError::NoCells(shape, self.inventory())))?;
        self.check_size(cells, block.len(), &format!("{shape}s"))?;
        let group = self.group(shape.dim(), name).map_err(|error| self.error(&error))?;
        let members = group.members.iter().find(|(of, _)| *of == shape);
        cx.subset(name, cells, members.map_or(&[][..], |(_, members)| members))
    }
}

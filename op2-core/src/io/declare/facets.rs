//! Edges and faces with the cells beside them: inside the mesh, on its boundary, and by group.

use super::{between, match_size};
use crate::base::error::Result;
use crate::context::Context;
use crate::io::mesh::named;
use crate::io::topology::{FacetGroup, Topology};
use crate::mesh::map::Map;
use crate::mesh::set::{Set, SetMarker};
use crate::mesh::subset::Subset;

/// Facets of a mesh, declared as a set: those inside have `SIDES` 2, those on the boundary 1.
#[derive(Debug, Clone)]
pub struct Facets<F, N, C, const K: usize, const SIDES: usize> {
    /// The facets, in the order of the [`Topology`].
    pub set: Set<F>,
    /// Their `K` corners, in the order in which the first cell lists them: that cell is on the left
    /// of an edge; a face runs counter-clockwise seen from outside the cell.
    pub nodes: Map<F, N, K>,
    /// The cells beside them.
    pub cells: Map<F, C, SIDES>,
    /// The facet of the topology that each element is, `[set.size()]`, increasing.
    pub numbers: Vec<u32>,
}

impl Topology {
    /// Declares the facets between two cells: the edges of a plane mesh, the faces of a solid.
    ///
    /// # Errors
    /// When a facet has not `K` corners, or the sets are not those of this mesh: `nodes` all of its
    /// points, `cells` all of its cells.
    pub fn declare_interior<F: SetMarker, N, C, const K: usize>(
        &self,
        cx: &Context,
        nodes: &Set<N>,
        cells: &Set<C>,
    ) -> Result<Facets<F, N, C, K, 2>> {
        let numbers = self.interior();
        let sides = numbers.iter().map(|&facet| self.facet_cells()[facet as usize]).collect();
        self.declare_facets(cx, nodes, cells, numbers, sides)
    }

    /// Declares the facets with one cell only.
    ///
    /// # Errors
    /// As [`Topology::declare_interior`].
    pub fn declare_boundary<F: SetMarker, N, C, const K: usize>(
        &self,
        cx: &Context,
        nodes: &Set<N>,
        cells: &Set<C>,
    ) -> Result<Facets<F, N, C, K, 1>> {
        let numbers = self.boundary();
        let cell = |&facet: &u32| [self.facet_cells()[facet as usize][0]];
        let sides = numbers.iter().map(cell).collect();
        self.declare_facets(cx, nodes, cells, numbers, sides)
    }

    fn declare_facets<F: SetMarker, N, C, const K: usize, const SIDES: usize>(
        &self,
        cx: &Context,
        nodes: &Set<N>,
        cells: &Set<C>,
        numbers: Vec<u32>,
        sides: Vec<[u32; SIDES]>,
    ) -> Result<Facets<F, N, C, K, SIDES>> {
        let fail = |reason: String| named(&self.name, &reason);
        match_size(nodes, self.num_points(), "points").map_err(fail)?;
        match_size(cells, self.num_cells(), "cells").map_err(fail)?;
        let corners = numbers.iter().map(|&facet| self.corners(facet));
        let corners: Vec<_> = corners.collect::<Result<_, String>>().map_err(fail)?;
        let set = cx.set(numbers.len())?;
        let nodes = cx.map(&between(&set, nodes), &set, nodes, corners)?;
        let cells = cx.map(&between(&set, cells), &set, cells, sides)?;
        Ok(Facets { set, nodes, cells, numbers })
    }

    fn corners<const K: usize>(&self, facet: u32) -> Result<[u32; K], String> {
        let nodes = self.nodes(facet);
        nodes.try_into().map_err(|_| {
            let len = nodes.len();
            format!("the facet with nodes {nodes:?} has {len} corners; asked for were {K} for all")
        })
    }
}

impl<F, N, C, const K: usize, const SIDES: usize> Facets<F, N, C, K, SIDES> {
    /// Declares the facets of a group, called `wall` say, as subset `wall`.
    ///
    /// ```no_run
    /// # use op2_core::io::{Mesh, MeshSets, Topology};
    /// # use op2_core::context::Context;
    /// # use op2_core::mesh::set::SetMarker;
    /// # macro_rules! sets { ($($name:ident)*) => {$(
    /// #     enum $name {}
    /// #     impl SetMarker for $name { const NAME: &'static str = stringify!($name); }
    /// # )*} }
    /// # sets! { Nodes Cells Rim }
    /// # fn main() -> op2_core::base::error::Result<()> {
    /// # let cx = Context::new(Default::default(), None)?;
    /// let mesh = Mesh::read("channel.su2")?;
    /// let m: MeshSets<Nodes, Cells, 4, 2> = mesh.declare(&cx)?;
    /// let topology = Topology::of(&mesh)?;
    /// let rim = topology.declare_boundary::<Rim, _, _, 2>(&cx, &m.nodes, &m.cells)?;
    /// let wall = rim.group(&cx, &topology.group(&mesh, "wall")?)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When a facet of the group is not in this set: inside the mesh where the set is its boundary,
    /// or the other way around.
    pub fn group(&self, cx: &Context, group: &FacetGroup) -> Result<Subset<F>> {
        let places: Vec<u32> = self.places(&group.facets).flatten().collect();
        let missing = group.facets.len() - places.len();
        if missing > 0 {
            let reason = format!(
                "{missing} of the {} facets of the group are not in set `{}`: they have {} beside them",
                group.facets.len(),
                self.set.name(),
                if SIDES == 1 { "two cells" } else { "one cell" }
            );
            return Err(crate::base::error::Error::declaration("subset", &group.name, reason));
        }
        cx.subset(&group.name, &self.set, places)
    }

    /// The element that each facet of the topology is, if it is one.
    fn places(&self, facets: &[u32]) -> impl Iterator<Item = Option<u32>> {
        facets.iter().map(|facet| self.numbers.binary_search(facet).ok().map(|place| place as u32))
    }
}

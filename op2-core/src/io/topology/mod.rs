//! Facets of a mesh and the cells beside them: what finite volumes and boundary conditions need.
//!
//! The *cells* here are those of the largest dimension, numbered block after block in the order of
//! [`Mesh::cells`]; their *facets* are the edges of a plane mesh or surface, the faces of a solid.
//! A facet has one cell (it is on the boundary) or two. Orientation is in `orientation`, and what
//! else may be wrong with a mesh in `check`.

mod counts;
mod error;
mod sides;

use std::path::PathBuf;

use super::mesh::{Group, Mesh, MeshError};
use crate::base::csr::{Csr, CsrError};
use crate::base::error::Error;
use sides::{key, sorted};

pub use error::TopologyError;
pub(super) use sides::{corners, facets, has_facet, meeting, sides, sides_of, trimmed};

/// Stands for the cell that a boundary facet does not have.
pub const NO_CELL: u32 = u32::MAX;

/// The facets of a mesh, numbered by their lowest node, and the cells beside them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topology {
    /// Of the mesh, for errors.
    pub(super) name: PathBuf,
    num_points: usize,
    num_cells: usize,
    /// Corners in the order of the first cell, filled up; sorted by [`key`].
    facet_nodes: Vec<[u32; 4]>,
    facet_cells: Vec<[u32; 2]>,
    /// Whether both cells list the facet the same way around: then one of them is turned over.
    same_way: Vec<bool>,
}

/// The facets that belong to one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetGroup {
    /// The name of the group.
    pub name: String,
    /// Its number in the file.
    pub tag: i32,
    /// Its facets, increasing.
    pub facets: Vec<u32>,
}

impl Topology {
    /// Finds the facets of a mesh. Takes time `n log n` in their number.
    ///
    /// # Errors
    /// When a facet has more than two cells, or two cells connect its corners differently.
    pub fn of(mesh: &Mesh) -> Result<Self, TopologyError> {
        let sides = sides(mesh);
        let mut topology = Self {
            name: mesh.name.clone(),
            num_points: mesh.points.len(),
            num_cells: mesh.num_cells(mesh.cell_dim()),
            facet_nodes: Vec::new(),
            facet_cells: Vec::new(),
            same_way: Vec::new(),
        };
        for facet in facets(&sides) {
            let (nodes, same_way) = meeting(mesh, facet)?;
            let second = facet.get(1).map_or(NO_CELL, |side| side.cell);
            topology.facet_nodes.push(nodes);
            topology.facet_cells.push([facet[0].cell, second]);
            topology.same_way.push(same_way);
        }
        Ok(topology)
    }

    /// How many points the mesh has, those that belong to no cell included.
    pub fn num_points(&self) -> usize {
        self.num_points
    }

    /// How many cells there are.
    pub fn num_cells(&self) -> usize {
        self.num_cells
    }

    /// How many facets there are.
    pub fn num_facets(&self) -> usize {
        self.facet_nodes.len()
    }

    /// The corners of one facet, in the order in which its first cell lists them: the cell is on
    /// the left of an edge, a face runs counter-clockwise seen from outside the cell.
    ///
    /// # Panics
    /// If there is no such facet.
    pub fn nodes(&self, facet: u32) -> &[u32] {
        trimmed(&self.facet_nodes[facet as usize])
    }

    /// The corners of all facets, `[num_facets, N]`, each as in [`Topology::nodes`].
    ///
    /// # Errors
    /// When not all facets have `N` corners.
    pub fn facet_nodes<const N: usize>(&self) -> Result<Vec<[u32; N]>, MeshError> {
        let rows = (0..self.num_facets() as u32).map(|facet| {
            let nodes = self.nodes(facet);
            nodes.try_into().map_err(|_| {
                MeshError::Mixed(format!("facet {facet} has {} nodes, not {N}", nodes.len()))
            })
        });
        rows.collect()
    }

    /// The cells on the two sides of each facet, `[num_facets, 2]`; the second is [`NO_CELL`] on
    /// the boundary.
    pub fn facet_cells(&self) -> &[[u32; 2]] {
        &self.facet_cells
    }

    /// The facets with two cells, increasing.
    pub fn interior(&self) -> Vec<u32> {
        self.facets_where(|cells| cells[1] != NO_CELL)
    }

    /// The facets with one cell, increasing.
    pub fn boundary(&self) -> Vec<u32> {
        self.facets_where(|cells| cells[1] == NO_CELL)
    }

    fn facets_where(&self, wanted: impl Fn(&[u32; 2]) -> bool) -> Vec<u32> {
        let facets = (0..).zip(&self.facet_cells);
        facets.filter(|(_, cells)| wanted(cells)).map(|(facet, _)| facet).collect()
    }

    /// The facet with these corners, in any order.
    pub fn find(&self, nodes: &[u32]) -> Option<u32> {
        let wanted = key(nodes)?;
        let place = self.facet_nodes.binary_search_by_key(&wanted, |nodes| sorted(*nodes));
        place.ok().map(|facet| facet as u32)
    }

    /// The facets that each group of one dimension less than the cells consists of.
    ///
    /// # Errors
    /// When a member of a group is no facet; [`Mesh::check`] finds all of them.
    pub fn groups(&self, mesh: &Mesh) -> Result<Vec<FacetGroup>, TopologyError> {
        let facet_dim = mesh.cell_dim().checked_sub(1);
        let groups = mesh.groups.iter().filter(|group| Some(group.dim) == facet_dim);
        groups.map(|group| self.facets_of(mesh, group)).collect()
    }

    /// The facets that the group of this name consists of.
    ///
    /// # Errors
    /// When there is no such group one dimension below the cells, or a member of it is no facet.
    pub fn group(&self, mesh: &Mesh, name: &str) -> Result<FacetGroup, Error> {
        let found = mesh.group(mesh.cell_dim().saturating_sub(1), name);
        let group = found.map_err(|error| mesh.error(&error))?;
        self.facets_of(mesh, group).map_err(|error| mesh.error(&error))
    }

    fn facets_of(&self, mesh: &Mesh, group: &Group) -> Result<FacetGroup, TopologyError> {
        let mut facets = Vec::with_capacity(group.len());
        for (shape, members) in &group.members {
            let Some(block) = mesh.block(*shape) else { continue };
            for &member in members {
                let nodes = block.cell(member as usize);
                let facet = self.find(nodes).ok_or_else(|| TopologyError::NoFacet {
                    group: group.name.clone(),
                    shape: *shape,
                    nodes: nodes.to_vec(),
                })?;
                facets.push(facet);
            }
        }
        facets.sort_unstable();
        facets.dedup();
        Ok(FacetGroup { name: group.name.clone(), tag: group.tag, facets })
    }

    /// The facets of each cell, increasing.
    ///
    /// # Errors
    /// When there are more of them than local numbers can count.
    pub fn cell_facets(&self) -> Result<Csr, CsrError> {
        let mut pairs = Vec::with_capacity(2 * self.num_facets());
        for (facet, &[first, second]) in (0..).zip(&self.facet_cells) {
            pairs.push((first, facet));
            if second != NO_CELL {
                pairs.push((second, facet));
            }
        }
        Csr::from_pairs(self.num_cells, &pairs)
    }

    /// The dual graph: for each cell the cells behind its facets, in the order of the facets.
    ///
    /// # Errors
    /// When there are more of them than local numbers can count.
    pub fn dual_graph(&self) -> Result<Csr, CsrError> {
        let interior = self.facet_cells.iter().filter(|cells| cells[1] != NO_CELL);
        let pairs: Vec<_> = interior.flat_map(|&[a, b]| [(a, b), (b, a)]).collect();
        Csr::from_pairs(self.num_cells, &pairs)
    }

    /// Whether the two cells of a facet list its corners the same way around.
    pub(super) fn same_way(&self, facet: u32) -> bool {
        self.same_way[facet as usize]
    }
}

#[cfg(test)]
mod tests;

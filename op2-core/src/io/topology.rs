//! Facets of a mesh and the cells beside them: what finite volumes and boundary conditions need.
//!
//! The *cells* here are those of the largest dimension, numbered block after block in the order of
//! [`Mesh::cells`]; their *facets* are the edges of a plane mesh or surface, the faces of a solid.
//! A facet has one cell (it is on the boundary) or two. Orientation is in `orientation`, and what
//! else may be wrong with a mesh in `check`.

use super::mesh::{Group, Mesh, MeshError};
use super::shape::Shape;
use crate::base::csr::{Csr, CsrError};
use crate::base::error::Error;

/// Stands for the cell that a boundary facet does not have.
pub const NO_CELL: u32 = u32::MAX;

/// Fills up the corners of facets that have less than four.
const NO_NODE: u32 = u32::MAX;

/// Why cells do not fit together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TopologyError {
    /// A facet with three cells or more.
    #[error("the facet with nodes {nodes:?} belongs to {} cells ({cells:?}); two at most can \
             meet there", cells.len())]
    NonManifold {
        /// The corners of the facet.
        nodes: Vec<u32>,
        /// The cells it belongs to.
        cells: Vec<u32>,
    },
    /// Two cells that go around the corners of their common face in different orders.
    #[error("cells {} and {} share the nodes {nodes:?}, but connect them differently", cells[0], cells[1])]
    Twisted {
        /// The corners of the facet, as the first cell lists them.
        nodes: Vec<u32>,
        /// The two cells.
        cells: [u32; 2],
    },
    /// Cells that cannot all be turned the same way, as on a Möbius strip.
    #[error("the mesh cannot be oriented: going around it, cells {} and {} disagree at the facet \
             with nodes {nodes:?}", cells[0], cells[1])]
    NonOrientable {
        /// The corners of the facet.
        nodes: Vec<u32>,
        /// The cells on its two sides.
        cells: [u32; 2],
    },
    /// A cell of a boundary group that is no facet of the mesh.
    #[error("group `{group}`: the {shape} with nodes {nodes:?} is no facet of any cell")]
    NoFacet {
        /// The group's name.
        group: String,
        /// The shape of its cell.
        shape: Shape,
        /// The corners of that cell.
        nodes: Vec<u32>,
    },
    /// More cells or facets than local numbers can count.
    #[error(transparent)]
    TooLarge(#[from] CsrError),
}

impl From<TopologyError> for Error {
    fn from(error: TopologyError) -> Self {
        Self::Other(error.to_string())
    }
}

/// The facets of a mesh, numbered by their lowest node, and the cells beside them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topology {
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
        groups.map(|group| self.group(mesh, group)).collect()
    }

    fn group(&self, mesh: &Mesh, group: &Group) -> Result<FacetGroup, TopologyError> {
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

impl Mesh {
    /// How many edges the cells of the largest dimension have, each counted once.
    pub fn num_edges(&self) -> usize {
        let mut edges = Vec::new();
        for block in self.blocks_of_dim(self.cell_dim()) {
            for cell in block.iter() {
                edges.extend(block.shape.edges().iter().map(|ends| {
                    let [a, b] = ends.map(|corner| cell[corner as usize]);
                    [a.min(b), a.max(b)]
                }));
            }
        }
        edges.sort_unstable();
        edges.dedup();
        edges.len()
    }

    /// Nodes - edges + faces - solids, of the cells of the largest dimension: 2 for a sphere, 1 for
    /// a disk or ball, 0 for a torus, an annulus, a Möbius strip.
    pub fn euler_characteristic(&self) -> i64 {
        let num_cells = self.num_cells(self.cell_dim()) as i64;
        let num_nodes = self.used_nodes().into_iter().filter(|&used| used).count() as i64;
        match self.cell_dim() {
            0 => num_nodes,
            1 => num_nodes - num_cells,
            2 => num_nodes - self.num_edges() as i64 + num_cells,
            _ => {
                let num_faces = facets(&sides(self)).count() as i64;
                num_nodes - self.num_edges() as i64 + num_faces - num_cells
            }
        }
    }

    /// Which points are corners of a cell of the largest dimension.
    pub(super) fn used_nodes(&self) -> Vec<bool> {
        let mut used = vec![false; self.points.len()];
        for block in self.blocks_of_dim(self.cell_dim()) {
            for &node in &block.nodes {
                used[node as usize] = true;
            }
        }
        used
    }

    /// The cell of the largest dimension with this number.
    pub(super) fn top_cell(&self, cell: u32) -> (Shape, &[u32]) {
        let mut local = cell as usize;
        for block in self.blocks_of_dim(self.cell_dim()) {
            if local < block.len() {
                return (block.shape, block.cell(local));
            }
            local -= block.len();
        }
        unreachable!("numbers of cells come from the mesh")
    }
}

/// A facet as one cell sees it.
pub(super) struct Side {
    key: [u32; 4],
    pub(super) cell: u32,
    local: u8,
}

/// The facets of all cells; equal ones follow each other, lowest cell first.
pub(super) fn sides(mesh: &Mesh) -> Vec<Side> {
    let mut sides = Vec::new();
    let mut number = 0;
    for block in mesh.blocks_of_dim(mesh.cell_dim()) {
        sides.reserve(block.len() * block.shape.facets().len());
        for cell in block.iter() {
            for (local, facet) in (0..).zip(block.shape.facets()) {
                let key = sorted(corners(cell, facet));
                sides.push(Side { key, cell: number, local });
            }
            number += 1;
        }
    }
    sides.sort_unstable_by_key(|side| (side.key, side.cell, side.local));
    sides
}

/// The sides of one facet after the other.
pub(super) fn facets(sides: &[Side]) -> impl Iterator<Item = &[Side]> {
    sides.chunk_by(|a, b| a.key == b.key)
}

/// Whether a facet with these corners is among the sides.
pub(super) fn has_facet(sides: &[Side], nodes: &[u32]) -> bool {
    key(nodes).is_some_and(|key| sides.binary_search_by_key(&key, |side| side.key).is_ok())
}

/// The corners of a facet as its first cell lists them, filled up, and whether the second cell
/// lists them the same way around.
pub(super) fn meeting(mesh: &Mesh, facet: &[Side]) -> Result<([u32; 4], bool), TopologyError> {
    let list = |side: &Side| {
        let (shape, cell) = mesh.top_cell(side.cell);
        corners(cell, shape.facets()[side.local as usize])
    };
    let first = list(&facet[0]);
    let nodes = trimmed(&first).to_vec();
    match facet {
        [_] => Ok((first, false)),
        [a, b] => match turn(trimmed(&first), trimmed(&list(b)), a.local == b.local) {
            Some(same_way) => Ok((first, same_way)),
            None => Err(TopologyError::Twisted { nodes, cells: [a.cell, b.cell] }),
        },
        many => {
            let cells = many.iter().map(|side| side.cell).collect();
            Err(TopologyError::NonManifold { nodes, cells })
        }
    }
}

/// Whether two lists of the same corners run the same way around; `None` when neither is the
/// other, forward or backward.
fn turn(a: &[u32], b: &[u32], same_end: bool) -> Option<bool> {
    match a.len() {
        // The end of a line: consistent lines follow each other, end to beginning.
        1 => Some(same_end),
        2 => Some(a == b),
        len => {
            let start = b.iter().position(|&node| node == a[0])?;
            let forward = (0..len).all(|k| a[k] == b[(start + k) % len]);
            let backward = (0..len).all(|k| a[k] == b[(start + len - k) % len]);
            (forward || backward).then_some(forward)
        }
    }
}

fn corners(cell: &[u32], facet: &[u8]) -> [u32; 4] {
    let mut nodes = [NO_NODE; 4];
    for (node, &corner) in nodes.iter_mut().zip(facet) {
        *node = cell[corner as usize];
    }
    nodes
}

fn trimmed(nodes: &[u32; 4]) -> &[u32] {
    let len = nodes.iter().position(|&node| node == NO_NODE).unwrap_or(4);
    &nodes[..len]
}

/// What is equal for equal facets, however their corners are listed; no facet has more than four.
fn key(nodes: &[u32]) -> Option<[u32; 4]> {
    let mut filled = [NO_NODE; 4];
    filled.get_mut(..nodes.len())?.copy_from_slice(nodes);
    Some(sorted(filled))
}

fn sorted(mut nodes: [u32; 4]) -> [u32; 4] {
    nodes.sort_unstable();
    nodes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::builder::MeshBuilder;

    /// A mesh of `num_points` points, all at the origin, and these cells with their groups.
    pub(in crate::io) fn mesh(num_points: usize, cells: &[(Shape, &[u32], i32)]) -> Mesh {
        let points = vec![[0.0; 3]; num_points];
        let mut builder = MeshBuilder::with_points(points);
        for &(shape, nodes, tag) in cells {
            builder.cell(shape, nodes, &[tag]).unwrap();
        }
        builder.finish(3)
    }

    /// A quad and a triangle side by side, and their common edge and one other as lines.
    fn two_cells() -> Mesh {
        mesh(
            5,
            &[
                (Shape::Quad, &[0, 1, 2, 3], 0),
                (Shape::Triangle, &[1, 4, 2], 0),
                (Shape::Line, &[2, 1], 6),
                (Shape::Line, &[0, 3], 8),
            ],
        )
    }

    #[test]
    fn edges_know_their_cells() {
        let mesh = two_cells();
        let topology = Topology::of(&mesh).unwrap();
        assert_eq!((topology.num_cells(), topology.num_facets()), (2, 6));
        let shared = topology.find(&[2, 1]).unwrap();
        // The triangle is cell 0: blocks are ordered by shape.
        assert_eq!(topology.facet_cells()[shared as usize], [0, 1]);
        assert_eq!(topology.nodes(shared), [2, 1]);
        assert_eq!(topology.interior(), [shared]);
        assert_eq!(topology.boundary().len(), 5);
        assert_eq!(topology.facet_nodes::<2>().unwrap()[shared as usize], [2, 1]);
        assert!(topology.facet_nodes::<3>().is_err());
        assert_eq!(topology.find(&[0, 2]), None);
        assert_eq!(topology.find(&[0, 1, 2, 3, 4]), None);
        assert_eq!((mesh.num_edges(), mesh.euler_characteristic()), (6, 1));
    }

    #[test]
    fn the_dual_graph_joins_cells_that_share_a_facet() {
        let topology = Topology::of(&two_cells()).unwrap();
        assert_eq!(topology.dual_graph().unwrap().rows().collect::<Vec<_>>(), [[1], [0]]);
        let facets = topology.cell_facets().unwrap();
        assert_eq!((facets.degree(0), facets.degree(1)), (3, 4));
    }

    #[test]
    fn groups_are_found_among_the_facets() {
        let mesh = two_cells();
        let topology = Topology::of(&mesh).unwrap();
        let groups = topology.groups(&mesh).unwrap();
        assert_eq!((groups[0].tag, &*groups[0].facets), (6, &topology.interior()[..]));
        assert_eq!(topology.nodes(groups[1].facets[0]), [3, 0]);
    }

    #[test]
    fn a_group_beside_the_mesh_is_named() {
        let mesh = mesh(4, &[(Shape::Triangle, &[0, 1, 2], 0), (Shape::Line, &[0, 3], 5)]);
        let error = Topology::of(&mesh).unwrap().groups(&mesh).unwrap_err();
        assert_eq!(
            error.to_string(),
            "group `5`: the line with nodes [0, 3] is no facet of any cell"
        );
    }

    #[test]
    fn an_edge_with_three_cells_is_named() {
        let fan: [(Shape, &[u32], i32); 3] = [
            (Shape::Triangle, &[0, 1, 2], 0),
            (Shape::Triangle, &[1, 0, 3], 0),
            (Shape::Triangle, &[0, 1, 4], 0),
        ];
        let error = Topology::of(&mesh(5, &fan)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the facet with nodes [0, 1] belongs to 3 cells ([0, 1, 2]); two at most can meet there"
        );
    }

    #[test]
    fn solids_share_faces_of_three_and_four_corners() {
        let stack: [(Shape, &[u32], i32); 3] = [
            (Shape::Hexahedron, &[0, 1, 2, 3, 4, 5, 6, 7], 0),
            (Shape::Pyramid, &[4, 5, 6, 7, 8], 0),
            (Shape::Tetrahedron, &[4, 8, 5, 9], 0),
        ];
        let mesh = mesh(10, &stack);
        let topology = Topology::of(&mesh).unwrap();
        assert_eq!(topology.num_facets(), 6 + 5 + 4 - 2);
        assert_eq!(topology.interior().len(), 2);
        assert_eq!(mesh.euler_characteristic(), 1);
    }

    #[test]
    fn a_twisted_face_is_named() {
        let twisted: [(Shape, &[u32], i32); 2] = [
            (Shape::Hexahedron, &[0, 1, 2, 3, 4, 5, 6, 7], 0),
            (Shape::Pyramid, &[4, 6, 5, 7, 8], 0),
        ];
        let error = Topology::of(&mesh(9, &twisted)).unwrap_err();
        assert!(matches!(error, TopologyError::Twisted { cells: [0, 1], .. }), "{error}");
    }

    #[test]
    fn a_mesh_without_cells_has_no_facets() {
        let topology = Topology::of(&mesh(2, &[])).unwrap();
        assert_eq!((topology.num_cells(), topology.num_facets()), (0, 0));
        assert_eq!(topology.dual_graph().unwrap().num_rows(), 0);
    }
}

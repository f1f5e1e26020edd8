//! What is counted over the cells of the largest dimension: edges, nodes, Euler's number.

use super::sides::{facets, sides};
use crate::io::mesh::Mesh;
use crate::io::shape::Shape;

impl Mesh {
    /// The edges of the cells of the largest dimension, each once, lower node first, sorted:
    /// `[num_edges, 2]`. In a plane mesh or on a surface they are the facets, too.
    pub fn edges(&self) -> Vec<[u32; 2]> {
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
        edges
    }

    /// How many edges the cells of the largest dimension have, each counted once.
    pub fn num_edges(&self) -> usize {
        self.edges().len()
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
    pub(in crate::io) fn used_nodes(&self) -> Vec<bool> {
        let mut used = vec![false; self.points.len()];
        for block in self.blocks_of_dim(self.cell_dim()) {
            for &node in &block.nodes {
                used[node as usize] = true;
            }
        }
        used
    }

    /// The cell of the largest dimension with this number.
    pub(in crate::io) fn top_cell(&self, cell: u32) -> (Shape, &[u32]) {
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

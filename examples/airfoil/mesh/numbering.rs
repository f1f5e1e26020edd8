//! The numbering of the airfoil's mesh, with its edges, in the published order.

use super::c_grid::CGrid;
use super::{AirfoilMesh, FAR_FIELD, WALL};

impl CGrid {
    /// All tables. Every point is a node: those on the cut come twice, once for each side.
    pub(super) fn mesh(self) -> AirfoilMesh {
        let (edge_nodes, edge_cells) = self.edges();
        let (bedge_nodes, bedge_cell, bound) = self.boundary_edges();
        AirfoilMesh {
            coords: self.points(),
            cell_nodes: self.cell_nodes(),
            edge_nodes,
            edge_cells,
            bedge_nodes,
            bedge_cell,
            bound,
        }
    }

    fn node(self, a: usize, b: usize) -> u32 {
        (a + b * (3 * self.i + 1)) as u32
    }

    fn cell(self, a: usize, b: usize) -> u32 {
        (a + b * 3 * self.i) as u32
    }

    fn cell_nodes(self) -> Vec<[u32; 4]> {
        let mut cell_nodes = Vec::with_capacity(3 * self.i * self.j);
        for b in 0..self.j {
            cell_nodes.extend((0..3 * self.i).map(|a| {
                [(a, b), (a + 1, b), (a + 1, b + 1), (a, b + 1)].map(|(a, b)| self.node(a, b))
            }));
        }
        cell_nodes
    }

    /// Interior edges: the cut once, then each cell's upper and right side where a cell follows.
    fn edges(self) -> (Vec<[u32; 2]>, Vec<[u32; 2]>) {
        let (i, j) = (self.i, self.j);
        let num_edges = (3 * i - 1) * j + 3 * i * (j - 1) + i;
        let (mut nodes, mut cells) = (Vec::with_capacity(num_edges), Vec::with_capacity(num_edges));
        for (b, a) in (0..j).flat_map(|b| (0..3 * i).map(move |a| (b, a))) {
            if b == 0 && a < i {
                nodes.push([self.node(a, 0), self.node(a + 1, 0)]);
                cells.push([self.cell(3 * i - 1 - a, 0), self.cell(a, 0)]);
            }
            if b + 1 < j {
                nodes.push([self.node(a, b + 1), self.node(a + 1, b + 1)]);
                cells.push([self.cell(a, b), self.cell(a, b + 1)]);
            }
            if a + 1 < 3 * i {
                nodes.push([self.node(a + 1, b), self.node(a + 1, b + 1)]);
                cells.push([self.cell(a + 1, b), self.cell(a, b)]);
            }
        }
        (nodes, cells)
    }

    /// Boundary edges: the profile, then once around the far field.
    fn boundary_edges(self) -> (Vec<[u32; 2]>, Vec<[u32; 1]>, Vec<i32>) {
        let (i, j) = (self.i, self.j);
        let mut bedges = Vec::with_capacity(4 * i + 2 * j);
        let mut push = |from: (usize, usize), to: (usize, usize), cell: (usize, usize), bound| {
            let nodes = [self.node(from.0, from.1), self.node(to.0, to.1)];
            bedges.push(((nodes, [self.cell(cell.0, cell.1)]), bound));
        };
        for a in i..2 * i {
            push((a + 1, 0), (a, 0), (a, 0), WALL);
        }
        for b in 0..j {
            push((3 * i, b + 1), (3 * i, b), (3 * i - 1, b), FAR_FIELD);
        }
        for a in (0..3 * i).rev() {
            push((a, j), (a + 1, j), (a, j - 1), FAR_FIELD);
        }
        for b in (0..j).rev() {
            push((0, b), (0, b + 1), (0, b), FAR_FIELD);
        }
        let (tables, bound): (Vec<_>, _) = bedges.into_iter().unzip();
        let (nodes, cell) = tables.into_iter().unzip();
        (nodes, cell, bound)
    }
}

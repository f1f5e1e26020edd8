//! The numbering of aero's mesh, in the published order.

use super::AeroMesh;
use super::c_grid::CGrid;

impl CGrid {
    /// All tables. A point on the cut is one node, though it is passed on both sides.
    pub(super) fn mesh(self) -> AeroMesh {
        let mut coords = self.points();
        // The first points lie on the lower side of the cut; the upper side stands for them.
        coords.drain(..=self.i);
        AeroMesh { coords, cell_nodes: self.cell_nodes(), far_field: self.far_field() }
    }

    fn node(self, a: usize, b: usize) -> u32 {
        let on_lower_side = b == 0 && a <= self.i;
        let a = if on_lower_side { 3 * self.i - a } else { a };
        (a + b * (3 * self.i + 1) - (self.i + 1)) as u32
    }

    fn cell_nodes(self) -> Vec<[u32; 4]> {
        let mut cell_nodes = Vec::with_capacity(3 * self.i * self.j);
        for b in 0..self.j {
            cell_nodes.extend((0..3 * self.i).map(|a| {
                [(a, b), (a + 1, b), (a, b + 1), (a + 1, b + 1)].map(|(a, b)| self.node(a, b))
            }));
        }
        cell_nodes
    }

    /// The end of the cut, both ends of the lines beside it, and the outermost line.
    fn far_field(self) -> Vec<u32> {
        let last = 3 * self.i;
        let ends = (1..self.j).flat_map(|b| [(0, b), (last, b)]);
        let outermost = (0..=last).map(|a| (a, self.j));
        let points = std::iter::once((last, 0)).chain(ends).chain(outermost);
        points.map(|(a, b)| self.node(a, b)).collect()
    }
}

//! The two spaces on a mesh of triangles: pressures at the corners, velocities at the corners and at the
//! middles of the sides.
//!
//! Node `k` of the velocity is corner `k` of the mesh; after the corners come the sides, in the order of
//! the topology.

use op2::io::{Mesh, MeshSets, Topology};
use op2::prelude::*;

op2::sets! {
    /// Corners of triangles, where the pressure is.
    pub(crate) Corners;
    /// Corners and middles of sides, where the velocity is.
    pub(crate) Nodes;
    /// Triangles.
    pub(crate) Cells;
}

/// Sets and maps of both spaces.
pub(crate) struct Spaces {
    pub(crate) mesh: MeshSets<Corners, Cells, 3, 2>,
    pub(crate) nodes: Set<Nodes>,
    /// The corners of each triangle and the middles of its sides.
    pub(crate) cell_nodes: Map<Cells, Nodes, 6>,
    /// Where the nodes are.
    pub(crate) place: Dat<Nodes, [f64; 2]>,
    /// The nodes on the boundary.
    pub(crate) walls: Subset<Nodes>,
}

impl Spaces {
    /// Declares them.
    ///
    /// # Errors
    /// A mesh of something else than triangles in the plane.
    pub(crate) fn declare(cx: &Context, mesh: &Mesh) -> op2::Result<Self> {
        let sets: MeshSets<Corners, Cells, 3, 2> = mesh.declare(cx)?;
        let topology = Topology::of(mesh)?;
        let num_corners = sets.nodes.size() as u32;
        let middle = |a: u32, b: u32| {
            let side = topology.find(&[a, b]).expect("every side of a cell is a facet");
            num_corners + side
        };
        let corners = sets.cell_nodes.to_vec()?;
        let rows =
            corners.iter().map(|&[a, b, c]| [a, b, c, middle(a, b), middle(b, c), middle(c, a)]);
        let rows: Vec<[u32; 6]> = rows.collect();

        let mut places = mesh.coords::<2>()?;
        for [a, b] in topology.facet_nodes::<2>()? {
            let (a, b) = (places[a as usize], places[b as usize]);
            places.push([0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1])]);
        }
        let mut walls = Vec::new();
        for side in topology.boundary() {
            walls.extend_from_slice(topology.nodes(side));
            walls.push(num_corners + side);
        }
        walls.sort_unstable();
        walls.dedup();

        let nodes = cx.set::<Nodes>(places.len())?;
        let spaces = Self {
            cell_nodes: cx.map("cell_nodes", &sets.cells, &nodes, rows)?,
            place: cx.dat("place", &nodes, places)?,
            walls: cx.subset("walls", &nodes, walls)?,
            mesh: sets,
            nodes,
        };
        cx.partition(&Partition::rcb_of(&spaces.mesh.cell_nodes, &spaces.mesh.x))?;
        Ok(spaces)
    }

    /// Four triangles for each one, with a node at every corner: for pictures, which know no curves.
    pub(crate) fn fine_cells(&self) -> op2::Result<Vec<[u32; 3]>> {
        let cells = self.cell_nodes.to_vec()?;
        let parts = cells
            .iter()
            .flat_map(|&[a, b, c, d, e, f]| [[a, d, f], [d, b, e], [f, e, c], [d, e, f]]);
        Ok(parts.collect())
    }

    /// The values at all nodes of what is linear on each triangle, given at the corners.
    pub(crate) fn at_nodes(&self, corners: &Dat<Corners, [f64; 1]>) -> op2::Result<Vec<f64>> {
        let corners = corners.read()?;
        let mut values = vec![0.0; self.nodes.size()];
        for [a, b, c, d, e, f] in self.cell_nodes.to_vec()? {
            let [p, q, r] = [a, b, c].map(|node| corners[node as usize][0]);
            let here = [p, q, r, 0.5 * (p + q), 0.5 * (q + r), 0.5 * (r + p)];
            for (node, value) in [a, b, c, d, e, f].into_iter().zip(here) {
                values[node as usize] = value;
            }
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::unit_square::unit_square;

    #[test]
    fn nodes_are_numbered_once() {
        let cx = Context::builder().build().unwrap();
        let spaces = Spaces::declare(&cx, &unit_square(3, 2).unwrap()).unwrap();
        // The nodes of a lattice of half the width; around it go 2 * (6 + 4).
        assert_eq!((spaces.nodes.size(), spaces.walls.size()), (7 * 5, 20));
        let places = spaces.place.to_vec().unwrap();
        let corners: Vec<_> = (0..12).map(|k| [places[k][0] - 2.0 * places[k][1]]).collect();
        let p = cx.dat("p", &spaces.mesh.nodes, corners).unwrap();
        for (value, [x, y]) in spaces.at_nodes(&p).unwrap().into_iter().zip(places) {
            assert!((value - (x - 2.0 * y)).abs() < 1e-15);
        }
        assert_eq!(spaces.fine_cells().unwrap().len(), 48);
    }
}

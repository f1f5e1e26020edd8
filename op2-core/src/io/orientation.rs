//! Whether cells are turned the same way, or can be.
//!
//! Two neighbors agree when they list their common facet in opposite directions. Walking from cell
//! to cell decides for each whether it has to be turned over; where the walk comes back to a cell
//! with the other answer, the mesh is one-sided. The walk visits every facet once.

use super::topology::{NO_CELL, Topology, TopologyError};

/// How the cells of a mesh are turned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Orientation {
    /// All neighbors agree.
    Consistent,
    /// They agree when the cells marked here are turned over, `[num_cells]`. The first cell of
    /// each connected part is left as it is.
    Turning(Vec<bool>),
}

impl Topology {
    /// Finds out how the cells are turned.
    ///
    /// # Errors
    /// When they cannot be turned so that all neighbors agree; the error names a facet where they
    /// do not.
    pub fn orientation(&self) -> Result<Orientation, TopologyError> {
        let cell_facets = self.cell_facets()?;
        let mut turned: Vec<Option<bool>> = vec![None; self.num_cells()];
        let mut open = Vec::new();
        for seed in 0..self.num_cells() as u32 {
            if turned[seed as usize].is_some() {
                continue;
            }
            turned[seed as usize] = Some(false);
            open.push(seed);
            while let Some(cell) = open.pop() {
                for &facet in cell_facets.row(cell) {
                    self.step(cell, facet, &mut turned, &mut open)?;
                }
            }
        }
        let turned: Vec<_> = turned.into_iter().map(|turn| turn == Some(true)).collect();
        let any = turned.contains(&true);
        Ok(if any { Orientation::Turning(turned) } else { Orientation::Consistent })
    }

    /// Crosses a facet: the cell behind it gets its answer, or must have the right one.
    fn step(
        &self,
        cell: u32,
        facet: u32,
        turned: &mut [Option<bool>],
        open: &mut Vec<u32>,
    ) -> Result<(), TopologyError> {
        let cells = self.facet_cells()[facet as usize];
        let other = if cells[0] == cell { cells[1] } else { cells[0] };
        if other == NO_CELL {
            return Ok(());
        }
        let wanted = turned[cell as usize].map(|turn| turn ^ self.same_way(facet));
        match turned[other as usize] {
            None => {
                turned[other as usize] = wanted;
                open.push(other);
                Ok(())
            }
            found if found == wanted => Ok(()),
            _ => Err(TopologyError::NonOrientable { nodes: self.nodes(facet).to_vec(), cells }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::builder::MeshBuilder;
    use crate::io::{Mesh, Shape};

    fn quads(cells: &[[u32; 4]]) -> Mesh {
        let mut builder = MeshBuilder::with_points(vec![[0.0; 3]; 8]);
        for nodes in cells {
            builder.cell(Shape::Quad, nodes, &[]).unwrap();
        }
        builder.finish(3)
    }

    /// A band of four quads, `0 1 2 3` below `4 5 6 7`, closed by the last one.
    fn band(last: [u32; 4]) -> Mesh {
        quads(&[[0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], last])
    }

    #[test]
    fn a_closed_band_is_oriented() {
        let topology = Topology::of(&band([3, 0, 4, 7])).unwrap();
        assert_eq!(topology.orientation(), Ok(Orientation::Consistent));
    }

    #[test]
    fn a_cell_that_is_turned_over_is_found() {
        let topology = Topology::of(&band([0, 3, 7, 4])).unwrap();
        let turning = Orientation::Turning(vec![false, false, false, true]);
        assert_eq!(topology.orientation(), Ok(turning));
    }

    #[test]
    fn a_twisted_band_is_reported_with_the_facet() {
        let mesh = band([3, 4, 0, 7]);
        assert_eq!(mesh.euler_characteristic(), 0);
        let error = Topology::of(&mesh).unwrap().orientation().unwrap_err();
        assert!(error.to_string().contains("cannot be oriented"), "{error}");
        assert!(matches!(error, TopologyError::NonOrientable { nodes, .. } if nodes.len() == 2));
    }

    #[test]
    fn parts_that_do_not_touch_are_oriented_alone() {
        let topology = Topology::of(&quads(&[[0, 1, 2, 3], [7, 6, 5, 4]])).unwrap();
        assert_eq!(topology.orientation(), Ok(Orientation::Consistent));
    }
}

//! What is wrong with a mesh that could nevertheless be read.
//!
//! Readers refuse files that mean nothing; the findings here are meshes that some program may want
//! and most cannot use: cells turned over, nodes without cells, edges with three cells.

use std::fmt;

use super::mesh::Mesh;
use super::orientation::Orientation;
use super::shape::Shape;
use super::topology::{Topology, TopologyError, facets, has_facet, meeting, sides};

/// A cell counts as flat when its measure is below this many roundings of its size.
const FLAT: f64 = 64.0 * f64::EPSILON;

/// Something that most programs cannot use. Cells are those of the largest dimension, numbered
/// block after block.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Finding {
    /// A cell with negative area or volume: its corners run the wrong way around.
    Inverted {
        /// Which cell.
        cell: u32,
        /// Its area or volume.
        measure: f64,
    },
    /// Every cell is turned over: the file lists corners clockwise. See [`Mesh::orient`].
    AllInverted,
    /// A cell without length, area or volume.
    Flat {
        /// Which cell.
        cell: u32,
    },
    /// A point that is no corner of any cell: its row of a matrix would be empty.
    Orphan {
        /// Which point.
        node: u32,
    },
    /// A cell of one dimension less that is no facet of any cell.
    Loose {
        /// Its shape.
        shape: Shape,
        /// Its index in the block of its shape.
        cell: u32,
        /// Its corners.
        nodes: Vec<u32>,
    },
    /// Cells that do not fit together: facets with three cells, faces that are connected
    /// differently, a surface with one side.
    Topology(TopologyError),
    /// A surface whose cells look to different sides, but could be turned.
    MixedOrientation {
        /// The first cell that would have to be turned.
        cell: u32,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inverted { cell, measure } => {
                write!(f, "cell {cell} is turned over: its measure is {measure:e}")
            }
            Self::AllInverted => f.write_str("all cells are turned over"),
            Self::Flat { cell } => write!(f, "cell {cell} has no extent: its measure is zero"),
            Self::Orphan { node } => write!(f, "node {node} belongs to no cell"),
            Self::Loose { shape, cell, nodes } => {
                write!(f, "{shape} {cell} with nodes {nodes:?} is no facet of any cell")
            }
            Self::Topology(error) => error.fmt(f),
            Self::MixedOrientation { cell } => {
                write!(f, "cell {cell} looks to the other side than its neighbors")
            }
        }
    }
}

impl Mesh {
    /// Looks for what most programs cannot use; an empty list is a sound mesh.
    pub fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.check_measures(&mut findings);
        self.check_orphans(&mut findings);
        self.check_facets(&mut findings);
        findings
    }

    fn check_measures(&self, findings: &mut Vec<Finding>) {
        let measures = self.measures();
        let all_inverted = measures.len() > 1 && measures.iter().all(|&measure| measure < 0.0);
        if all_inverted {
            findings.push(Finding::AllInverted);
        }
        for (cell, measure) in (0..).zip(measures) {
            if measure.abs() <= FLAT * self.extent(cell).powi(self.cell_dim() as i32) {
                findings.push(Finding::Flat { cell });
            } else if measure < 0.0 && !all_inverted {
                findings.push(Finding::Inverted { cell, measure });
            }
        }
    }

    /// The longest side of the box around a cell.
    fn extent(&self, cell: u32) -> f64 {
        let (_, nodes) = self.top_cell(cell);
        let side = |axis: usize| {
            let values = || nodes.iter().map(|&node| self.points[node as usize][axis]);
            values().fold(f64::MIN, f64::max) - values().fold(f64::MAX, f64::min)
        };
        side(0).max(side(1)).max(side(2))
    }

    fn check_orphans(&self, findings: &mut Vec<Finding>) {
        let used = (0..).zip(self.used_nodes());
        findings.extend(used.filter(|&(_, used)| !used).map(|(node, _)| Finding::Orphan { node }));
    }

    fn check_facets(&self, findings: &mut Vec<Finding>) {
        let sides = sides(self);
        let before = findings.len();
        for facet in facets(&sides) {
            if let Err(error) = meeting(self, facet) {
                findings.push(Finding::Topology(error));
            }
        }
        let fits = findings.len() == before;
        if let Some(dim) = self.cell_dim().checked_sub(1) {
            for block in self.blocks_of_dim(dim) {
                let cells = (0..).zip(block.iter());
                findings.extend(cells.filter(|(_, nodes)| !has_facet(&sides, nodes)).map(
                    |(cell, nodes)| Finding::Loose {
                        shape: block.shape,
                        cell,
                        nodes: nodes.to_vec(),
                    },
                ));
            }
        }
        if fits {
            self.check_orientation(findings);
        }
    }

    fn check_orientation(&self, findings: &mut Vec<Finding>) {
        let orientation = Topology::of(self).and_then(|topology| topology.orientation());
        match orientation {
            Ok(Orientation::Consistent) => {}
            // In a mesh that fills its space, cells turned over have a negative measure.
            Ok(Orientation::Turning(_)) if self.cell_dim() == self.dim => {}
            Ok(Orientation::Turning(turned)) => {
                let cell = turned.iter().position(|&turn| turn).unwrap_or(0) as u32;
                findings.push(Finding::MixedOrientation { cell });
            }
            Err(error) => findings.push(Finding::Topology(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::builder::MeshBuilder;

    fn findings(points: &[[f64; 2]], dim: usize, cells: &[(Shape, &[u32])]) -> Vec<String> {
        let points = points.iter().map(|&[x, y]| [x, y, 0.0]).collect();
        let mut builder = MeshBuilder::with_points(points);
        for (shape, nodes) in cells {
            builder.cell(*shape, nodes, &[]).unwrap();
        }
        builder.finish(dim).check().iter().map(ToString::to_string).collect()
    }

    const SQUARE: [[f64; 2]; 4] = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];

    #[test]
    fn a_sound_mesh_has_no_findings() {
        let cells: [(Shape, &[u32]); 3] =
            [(Shape::Triangle, &[0, 1, 2]), (Shape::Triangle, &[0, 2, 3]), (Shape::Line, &[1, 0])];
        assert_eq!(findings(&SQUARE, 2, &cells), [""; 0]);
        assert_eq!(findings(&[], 2, &[]), [""; 0]);
    }

    #[test]
    fn every_finding_is_reported_by_name() {
        let turned: [(Shape, &[u32]); 2] =
            [(Shape::Triangle, &[0, 2, 1]), (Shape::Triangle, &[0, 2, 3])];
        assert_eq!(findings(&SQUARE, 2, &turned), ["cell 0 is turned over: its measure is -5e-1"]);
        let clockwise: [(Shape, &[u32]); 2] =
            [(Shape::Triangle, &[0, 2, 1]), (Shape::Triangle, &[0, 3, 2])];
        assert_eq!(findings(&SQUARE, 2, &clockwise), ["all cells are turned over"]);
        assert_eq!(
            findings(&SQUARE, 3, &turned),
            ["cell 1 looks to the other side than its neighbors"]
        );
        let flat = [[0.0, 0.0], [1e-9, 1e-9], [1.0, 1.0], [7.0, 7.0]];
        assert_eq!(
            findings(&flat, 2, &[(Shape::Triangle, &[0, 1, 2])]),
            ["cell 0 has no extent: its measure is zero", "node 3 belongs to no cell"]
        );
        let loose: [(Shape, &[u32]); 3] =
            [(Shape::Triangle, &[0, 1, 2]), (Shape::Triangle, &[0, 2, 3]), (Shape::Line, &[1, 3])];
        assert_eq!(
            findings(&SQUARE, 2, &loose),
            ["line 0 with nodes [1, 3] is no facet of any cell"]
        );
    }

    #[test]
    fn thin_cells_are_not_flat() {
        let thin = [[0.0, 0.0], [1.0, 0.0], [1.0, 1e-7], [0.0, 1e-7]];
        assert_eq!(findings(&thin, 2, &[(Shape::Quad, &[0, 1, 2, 3])]), [""; 0]);
    }
}

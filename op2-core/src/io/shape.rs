//! The shapes that cells have: their corners, edges and facets, and how file formats number them.
//!
//! Corners are numbered as Gmsh, SU2, MFEM and VTK do, which agree for shapes with straight edges:
//!
//! ```text
//! triangle 2      quad 3---2    tetrahedron: 3 above    pyramid: 4 above   prism: 3 4 5 above
//!         / \          |   |    the triangle 0 1 2      the quad 0 1 2 3   0 1 2;  hexahedron:
//!        0---1         0---1                                               4 5 6 7 above 0 1 2 3
//! ```

use std::fmt;

/// The shape of a cell; cells list their corners counter-clockwise, solid ones from below to above.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shape {
    /// One node.
    Point,
    /// Two nodes.
    Line,
    /// Three nodes, counter-clockwise.
    Triangle,
    /// Four nodes, counter-clockwise.
    Quad,
    /// Four nodes, the last above the triangle of the first three.
    Tetrahedron,
    /// Five nodes, the last above the quad of the first four.
    Pyramid,
    /// Six nodes, two triangles above each other.
    Prism,
    /// Eight nodes, two quads above each other.
    Hexahedron,
}

impl Shape {
    /// Every shape, by growing dimension.
    pub const ALL: [Self; 8] = [
        Self::Point,
        Self::Line,
        Self::Triangle,
        Self::Quad,
        Self::Tetrahedron,
        Self::Pyramid,
        Self::Prism,
        Self::Hexahedron,
    ];

    /// The most nodes a shape has.
    pub(super) const MOST_NODES: usize = 8;

    /// How many nodes a cell of this shape has.
    pub const fn num_nodes(self) -> usize {
        match self {
            Self::Point => 1,
            Self::Line => 2,
            Self::Triangle => 3,
            Self::Quad | Self::Tetrahedron => 4,
            Self::Pyramid => 5,
            Self::Prism => 6,
            Self::Hexahedron => 8,
        }
    }

    /// 0 for a point, 1 for a line, 2 for a triangle or quad, 3 for what has a volume.
    pub const fn dim(self) -> usize {
        match self {
            Self::Point => 0,
            Self::Line => 1,
            Self::Triangle | Self::Quad => 2,
            Self::Tetrahedron | Self::Pyramid | Self::Prism | Self::Hexahedron => 3,
        }
    }

    /// The facets as corners of the cell: ends of a line, edges of a triangle or quad, faces of a
    /// solid. Edges run counter-clockwise around the cell; faces do so seen from outside.
    pub const fn facets(self) -> &'static [&'static [u8]] {
        match self {
            Self::Point => &[],
            Self::Line => &[&[0], &[1]],
            Self::Triangle => &[&[0, 1], &[1, 2], &[2, 0]],
            Self::Quad => &[&[0, 1], &[1, 2], &[2, 3], &[3, 0]],
            Self::Tetrahedron => &[&[0, 2, 1], &[0, 1, 3], &[1, 2, 3], &[0, 3, 2]],
            Self::Pyramid => &[&[0, 3, 2, 1], &[0, 1, 4], &[1, 2, 4], &[2, 3, 4], &[3, 0, 4]],
            Self::Prism => &[&[0, 2, 1], &[3, 4, 5], &[0, 1, 4, 3], &[1, 2, 5, 4], &[2, 0, 3, 5]],
            Self::Hexahedron => &[
                &[0, 3, 2, 1],
                &[4, 5, 6, 7],
                &[0, 1, 5, 4],
                &[1, 2, 6, 5],
                &[2, 3, 7, 6],
                &[3, 0, 4, 7],
            ],
        }
    }

    /// The edges as corners of the cell, each once.
    pub const fn edges(self) -> &'static [[u8; 2]] {
        match self {
            Self::Point => &[],
            Self::Line => &[[0, 1]],
            Self::Triangle => &[[0, 1], [1, 2], [2, 0]],
            Self::Quad => &[[0, 1], [1, 2], [2, 3], [3, 0]],
            Self::Tetrahedron => &[[0, 1], [1, 2], [2, 0], [0, 3], [1, 3], [2, 3]],
            Self::Pyramid => &[[0, 1], [1, 2], [2, 3], [3, 0], [0, 4], [1, 4], [2, 4], [3, 4]],
            Self::Prism => {
                &[[0, 1], [1, 2], [2, 0], [3, 4], [4, 5], [5, 3], [0, 3], [1, 4], [2, 5]]
            }
            Self::Hexahedron => &[
                [0, 1],
                [1, 2],
                [2, 3],
                [3, 0],
                [4, 5],
                [5, 6],
                [6, 7],
                [7, 4],
                [0, 4],
                [1, 5],
                [2, 6],
                [3, 7],
            ],
        }
    }

    /// Turns a cell over: the same corners, listed so that area or volume change their sign.
    pub(super) fn turn_over(self, nodes: &mut [u32]) {
        match self {
            Self::Point => {}
            Self::Line => nodes.swap(0, 1),
            Self::Triangle | Self::Tetrahedron => nodes.swap(1, 2),
            Self::Quad | Self::Pyramid => nodes.swap(1, 3),
            Self::Prism => {
                nodes.swap(1, 2);
                nodes.swap(4, 5);
            }
            Self::Hexahedron => {
                nodes.swap(1, 3);
                nodes.swap(5, 7);
            }
        }
    }

    /// The number of the shape in VTK's table of cell types, which SU2 uses as well.
    pub const fn vtk_type(self) -> u8 {
        match self {
            Self::Point => 1,
            Self::Line => 3,
            Self::Triangle => 5,
            Self::Quad => 9,
            Self::Tetrahedron => 10,
            Self::Hexahedron => 12,
            Self::Prism => 13,
            Self::Pyramid => 14,
        }
    }

    /// The shape that VTK and SU2 give this number.
    pub(super) fn of_vtk(number: i64) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|shape| i64::from(shape.vtk_type()) == number);
        known.ok_or_else(|| match number {
            21..=37 => format!("cell type {number} has curved edges; only straight ones are read"),
            _ => format!(
                "cell type {number} is none of point 1, line 3, triangle 5, quad 9, \
                          tetrahedron 10, hexahedron 12, prism 13, pyramid 14"
            ),
        })
    }

    /// The shape that Gmsh gives this number.
    pub(super) fn of_gmsh(number: i64) -> Result<Self, String> {
        match number {
            1 => Ok(Self::Line),
            2 => Ok(Self::Triangle),
            3 => Ok(Self::Quad),
            4 => Ok(Self::Tetrahedron),
            5 => Ok(Self::Hexahedron),
            6 => Ok(Self::Prism),
            7 => Ok(Self::Pyramid),
            15 => Ok(Self::Point),
            8..=14 | 16..=140 => Err(format!(
                "element type {number} is of higher order; only elements with straight edges are \
                 read: save the mesh with `gmsh -order 1`"
            )),
            _ => Err(format!("element type {number} is unknown")),
        }
    }

    /// The shape that MFEM gives this number.
    pub(super) fn of_mfem(number: i64) -> Result<Self, String> {
        match number {
            0 => Ok(Self::Point),
            1 => Ok(Self::Line),
            2 => Ok(Self::Triangle),
            3 => Ok(Self::Quad),
            4 => Ok(Self::Tetrahedron),
            5 => Ok(Self::Hexahedron),
            6 => Ok(Self::Prism),
            7 => Ok(Self::Pyramid),
            _ => Err(format!("geometry type {number} is not one of 0 to 7")),
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Point => "point",
            Self::Line => "line",
            Self::Triangle => "triangle",
            Self::Quad => "quad",
            Self::Tetrahedron => "tetrahedron",
            Self::Pyramid => "pyramid",
            Self::Prism => "prism",
            Self::Hexahedron => "hexahedron",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn solids() -> impl Iterator<Item = Shape> {
        Shape::ALL.into_iter().filter(|shape| shape.dim() == 3)
    }

    #[test]
    fn solids_satisfy_euler() {
        for shape in solids() {
            let (nodes, edges) = (shape.num_nodes(), shape.edges().len());
            assert_eq!(nodes + shape.facets().len(), edges + 2, "{shape}");
        }
    }

    #[test]
    fn faces_of_a_solid_run_along_each_edge_once_in_each_direction() {
        for shape in solids() {
            let mut ways = BTreeSet::new();
            for face in shape.facets() {
                for (corner, &from) in face.iter().enumerate() {
                    assert!(ways.insert((from, face[(corner + 1) % face.len()])), "{shape}");
                }
            }
            let edges = shape.edges().iter().flat_map(|&[a, b]| [(a, b), (b, a)]);
            assert_eq!(ways, edges.collect(), "{shape}");
        }
    }

    #[test]
    fn numbers_of_formats_are_told_apart() {
        for shape in Shape::ALL {
            assert_eq!(Shape::of_vtk(i64::from(shape.vtk_type())), Ok(shape));
        }
        assert!(Shape::of_vtk(22).unwrap_err().contains("curved"));
        assert!(Shape::of_gmsh(9).unwrap_err().contains("-order 1"));
        assert!(Shape::of_gmsh(-1).unwrap_err().contains("unknown"));
        assert!(Shape::of_mfem(8).is_err());
    }
}

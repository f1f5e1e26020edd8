//! Length, area and volume of cells.
//!
//! Quads are the bilinear patches that finite elements make of them; a hexahedron is bounded by
//! such patches. Their volumes are exact: below a patch lies the mean of what lies below its two
//! triangulations. The area of a warped quad is that of its projection along its mean normal.

use super::mesh::Mesh;
use super::shape::Shape;

type Point = [f64; 3];

impl Mesh {
    /// The measure of each cell of the largest dimension, in the order of the blocks: length,
    /// area or volume, `[num_cells]`.
    ///
    /// Areas in a plane mesh and volumes are signed: negative for a cell that is turned over.
    /// Lengths, and areas of a surface in space, are not.
    pub fn measures(&self) -> Vec<f64> {
        let signed = self.cell_dim() == self.dim;
        let mut measures = Vec::with_capacity(self.num_cells(self.cell_dim()));
        for block in self.blocks_of_dim(self.cell_dim()) {
            for cell in block.iter() {
                let measure = measure(block.shape, |corner| self.points[cell[corner] as usize]);
                measures.push(if signed { measure.signed() } else { measure.size() });
            }
        }
        measures
    }

    /// The sum of [`Mesh::measures`].
    pub fn measure(&self) -> f64 {
        self.measures().iter().sum()
    }

    /// Turns over the cells whose area or volume is negative, and says how many they were.
    ///
    /// Some programs write cells clockwise; many methods take the left of an edge for the inside.
    /// The corners stay the same, their order changes.
    pub fn orient(&mut self) -> usize {
        let dim = self.cell_dim();
        if dim != self.dim {
            return 0;
        }
        let measures = self.measures();
        let mut signs = measures.iter();
        for block in self.cells.iter_mut().filter(|block| block.shape.dim() == dim) {
            let arity = block.shape.num_nodes();
            for (nodes, measure) in block.nodes.chunks_exact_mut(arity).zip(&mut signs) {
                if *measure < 0.0 {
                    block.shape.turn_over(nodes);
                }
            }
        }
        measures.iter().filter(|&&measure| measure < 0.0).count()
    }

    /// The volume inside a closed surface whose faces all look outward; 0 if there is none.
    ///
    /// For an open surface, the volume of the cone between it and the first point.
    pub fn enclosed_volume(&self) -> f64 {
        let Some(&apex) = self.points.first() else { return 0.0 };
        let mut volume = 0.0;
        for block in self.blocks_of_dim(2) {
            for cell in block.iter() {
                let corner = |k: usize| minus(self.points[cell[k] as usize], apex);
                volume += match block.shape {
                    Shape::Triangle => below_triangle(corner(0), corner(1), corner(2)),
                    _ => below_quad([corner(0), corner(1), corner(2), corner(3)]),
                };
            }
        }
        volume
    }
}

/// How much of space a cell takes.
enum Measure {
    Length(f64),
    /// Normal to the cell, as long as its area.
    Area(Point),
    Volume(f64),
}

impl Measure {
    /// Signed by the direction against the z axis, where it is an area.
    fn signed(&self) -> f64 {
        match *self {
            Self::Length(length) => length,
            Self::Area(normal) => normal[2],
            Self::Volume(volume) => volume,
        }
    }

    fn size(&self) -> f64 {
        match *self {
            Self::Length(length) => length,
            Self::Area(normal) => norm(normal),
            Self::Volume(volume) => volume.abs(),
        }
    }
}

fn measure(shape: Shape, point: impl Fn(usize) -> Point) -> Measure {
    // Relative to a corner, so that a mesh far from the origin loses no digits.
    let corner = |k: u8| minus(point(k as usize), point(0));
    match shape {
        Shape::Point => Measure::Length(0.0),
        Shape::Line => Measure::Length(norm(corner(1))),
        Shape::Triangle => Measure::Area(half(cross(corner(1), corner(2)))),
        Shape::Quad => Measure::Area(half(cross(corner(2), minus(corner(3), corner(1))))),
        solid => Measure::Volume(
            solid
                .facets()
                .iter()
                .map(|face| match **face {
                    [a, b, c] => below_triangle(corner(a), corner(b), corner(c)),
                    [a, b, c, d] => below_quad([a, b, c, d].map(corner)),
                    _ => unreachable!("faces are triangles and quads"),
                })
                .sum(),
        ),
    }
}

/// The signed volume between a triangle and the origin.
fn below_triangle(a: Point, b: Point, c: Point) -> f64 {
    dot(a, cross(b, c)) / 6.0
}

/// The signed volume between a bilinear patch and the origin.
fn below_quad([a, b, c, d]: [Point; 4]) -> f64 {
    let one = below_triangle(a, b, c) + below_triangle(a, c, d);
    let other = below_triangle(a, b, d) + below_triangle(b, c, d);
    0.5 * (one + other)
}

fn minus(a: Point, b: Point) -> Point {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

fn half(a: Point) -> Point {
    a.map(|x| 0.5 * x)
}

fn cross(a: Point, b: Point) -> Point {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn dot(a: Point, b: Point) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn norm(a: Point) -> f64 {
    dot(a, a).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::builder::MeshBuilder;

    /// The unit cube; 4 to 7 above 0 to 3.
    const CUBE: [Point; 8] = [
        [0.0, 0.0, 0.0],
        [1.0, 0.0, 0.0],
        [1.0, 1.0, 0.0],
        [0.0, 1.0, 0.0],
        [0.0, 0.0, 1.0],
        [1.0, 0.0, 1.0],
        [1.0, 1.0, 1.0],
        [0.0, 1.0, 1.0],
    ];

    fn measures(points: &[Point], dim: usize, cells: &[(Shape, &[u32])]) -> Vec<f64> {
        let mut builder = MeshBuilder::with_points(points.to_vec());
        for (shape, nodes) in cells {
            builder.cell(*shape, nodes, &[]).unwrap();
        }
        builder.finish(dim).measures()
    }

    #[test]
    fn shapes_in_the_unit_cube() {
        let cells: [(Shape, &[u32]); 4] = [
            (Shape::Tetrahedron, &[0, 1, 3, 4]),
            (Shape::Pyramid, &[0, 1, 2, 3, 4]),
            (Shape::Prism, &[0, 1, 2, 4, 5, 6]),
            (Shape::Hexahedron, &[0, 1, 2, 3, 4, 5, 6, 7]),
        ];
        let found = measures(&CUBE, 3, &cells);
        for (found, expected) in found.iter().zip([1.0 / 6.0, 1.0 / 3.0, 0.5, 1.0]) {
            assert!((found - expected).abs() < 1e-15, "{found} {expected}");
        }
    }

    #[test]
    fn solids_that_are_turned_over_are_negative() {
        assert!(measures(&CUBE, 3, &[(Shape::Tetrahedron, &[1, 0, 3, 4])])[0] < 0.0);
        assert!(measures(&CUBE, 3, &[(Shape::Hexahedron, &[4, 5, 6, 7, 0, 1, 2, 3])])[0] < 0.0);
    }

    #[test]
    fn cells_are_turned_over_as_a_whole() {
        let solids: [(Shape, &[u32]); 4] = [
            (Shape::Tetrahedron, &[1, 0, 3, 4]),
            (Shape::Pyramid, &[0, 3, 2, 1, 4]),
            (Shape::Prism, &[4, 5, 6, 0, 1, 2]),
            (Shape::Hexahedron, &[4, 5, 6, 7, 0, 1, 2, 3]),
        ];
        let mut builder = MeshBuilder::with_points(CUBE.to_vec());
        for (shape, nodes) in solids {
            builder.cell(shape, nodes, &[]).unwrap();
        }
        let mut mesh = builder.finish(3);
        let before = mesh.measures();
        assert_eq!(mesh.orient(), 4);
        let turned: Vec<_> = mesh.measures().iter().map(|measure| -measure).collect();
        assert!(before.iter().zip(&turned).all(|(a, b)| (a - b).abs() < 1e-15));
        assert_eq!(mesh.orient(), 0);
    }

    #[test]
    fn areas_are_signed_in_the_plane_only() {
        let cells: [(Shape, &[u32]); 2] =
            [(Shape::Triangle, &[0, 2, 1]), (Shape::Quad, &[0, 1, 2, 3])];
        assert_eq!(measures(&CUBE, 2, &cells), [-0.5, 1.0]);
        assert_eq!(measures(&CUBE, 3, &cells), [0.5, 1.0]);
        assert_eq!(measures(&CUBE, 3, &[(Shape::Line, &[0, 2])]), [2_f64.sqrt()]);
    }

    #[test]
    fn the_volume_of_a_twisted_hexahedron_is_that_of_its_trilinear_map() {
        // x = a + 0.3 b c, so dx dy dz = da db dc, whatever the faces look like.
        let twisted = CUBE.map(|[a, b, c]| [a + 0.3 * b * c, b, c]);
        let found = measures(&twisted, 3, &[(Shape::Hexahedron, &[0, 1, 2, 3, 4, 5, 6, 7])]);
        assert!((found[0] - 1.0).abs() < 1e-15, "{found:?}");
    }

    #[test]
    fn a_closed_surface_has_an_inside() {
        let points = CUBE.map(|point| point.map(|x| x + 5.0)).to_vec();
        let mut builder = MeshBuilder::with_points(points);
        for face in Shape::Hexahedron.facets() {
            let nodes: Vec<u32> = face.iter().map(|&corner| u32::from(corner)).collect();
            builder.cell(Shape::Quad, &nodes, &[]).unwrap();
        }
        let mesh = builder.finish(3);
        assert!((mesh.enclosed_volume() - 1.0).abs() < 1e-14);
        assert_eq!((mesh.measure(), mesh.euler_characteristic()), (6.0, 2));
    }
}

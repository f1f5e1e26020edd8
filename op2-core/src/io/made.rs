//! Meshes that programs make themselves, held to the same rules as those of files.

use super::builder::check_distinct;
use super::mesh::{Cells, Mesh, MeshError};
use super::shape::Shape;

impl Mesh {
    /// A mesh of the program's own: `coords` is `[num_points, D]` with `D` 2 for a plane mesh or 3,
    /// `cell_nodes` is `[num_cells, A]`.
    ///
    /// ```
    /// use op2_core::io::{Mesh, Shape};
    ///
    /// let corners = [[0.0, 0.0], [2.0, 0.0], [2.0, 1.0], [0.0, 1.0]];
    /// let mesh = Mesh::new(&corners, Shape::Quad, &[[0, 1, 2, 3]])?;
    /// assert_eq!(mesh.measure(), 2.0);
    /// # Ok::<(), op2_core::io::MeshError>(())
    /// ```
    ///
    /// # Errors
    /// When a coordinate is not finite, or the cells are wrong: see [`Mesh::with_cells`].
    pub fn new<const D: usize, const A: usize>(
        coords: &[[f64; D]],
        shape: Shape,
        cell_nodes: &[[u32; A]],
    ) -> Result<Self, MeshError> {
        if !(2..=3).contains(&D) {
            return Err(MeshError::Made(format!("points have 2 or 3 coordinates, not {D}")));
        }
        if let Some(point) = coords.iter().position(|point| !point.iter().all(|x| x.is_finite())) {
            return Err(MeshError::Made(format!("point {point} is not finite")));
        }
        let spatial = |point: &[f64; D]| {
            let mut place = [0.0; 3];
            place[..D].copy_from_slice(point);
            place
        };
        let points = coords.iter().map(spatial).collect();
        Self { points, dim: D, ..Self::default() }.with_cells(shape, cell_nodes)
    }

    /// The mesh with further cells, `[num_cells, A]`, on the same points.
    ///
    /// # Errors
    /// When `A` is not the shape's number of nodes, a plane mesh gets solids, or a cell names a
    /// node twice or one that is not there.
    pub fn with_cells<const A: usize>(
        mut self,
        shape: Shape,
        cell_nodes: &[[u32; A]],
    ) -> Result<Self, MeshError> {
        if shape.num_nodes() != A {
            return Err(MeshError::Arity { shape, asked: A });
        }
        if shape.dim() > self.dim {
            let dim = self.dim;
            return Err(MeshError::Made(format!("a {dim}-dimensional mesh cannot have {shape}s")));
        }
        for (cell, nodes) in cell_nodes.iter().enumerate() {
            self.check_cell(shape, nodes)
                .map_err(|reason| MeshError::Made(format!("{shape} {cell}: {reason}")))?;
        }
        let place = self.cells.partition_point(|block| block.shape < shape);
        if self.cells.get(place).is_none_or(|block| block.shape != shape) {
            self.cells.insert(place, Cells { shape, nodes: Vec::new(), tags: Vec::new() });
        }
        let block = &mut self.cells[place];
        block.nodes.extend_from_slice(cell_nodes.as_flattened());
        block.tags.resize(block.tags.len() + cell_nodes.len(), 0);
        self.cells.retain(|block| !block.is_empty());
        Ok(self)
    }

    fn check_cell(&self, shape: Shape, nodes: &[u32]) -> Result<(), String> {
        let num_points = self.points.len();
        if let Some(node) = nodes.iter().find(|&&node| node as usize >= num_points) {
            return Err(format!("names node {node}, but there are {num_points} points"));
        }
        check_distinct(shape, nodes).map_err(super::row::RowError::into_reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CORNERS: [[f64; 2]; 5] = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [2.0, 0.5]];

    #[test]
    fn blocks_keep_the_order_of_shapes() {
        let mesh = Mesh::new(&CORNERS, Shape::Quad, &[[0, 1, 2, 3]]).unwrap();
        let mesh = mesh.with_cells(Shape::Line, &[[0, 1]]).unwrap();
        let mesh = mesh.with_cells(Shape::Triangle, &[[1, 4, 2]]).unwrap();
        let mesh = mesh.with_cells::<4>(Shape::Quad, &[]).unwrap();
        let mesh = mesh.with_cells(Shape::Line, &[[1, 4]]).unwrap();
        let blocks: Vec<_> = mesh.cells.iter().map(|block| (block.shape, block.len())).collect();
        assert_eq!(blocks, [(Shape::Line, 2), (Shape::Triangle, 1), (Shape::Quad, 1)]);
        assert_eq!((mesh.measure(), mesh.euler_characteristic()), (1.5, 1));
        assert_eq!(mesh.check(), []);
        assert_eq!(Mesh::new::<2, 3>(&CORNERS, Shape::Triangle, &[]).unwrap().cells, []);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let reason = |shape, nodes: [u32; 3]| {
            Mesh::new(&CORNERS, shape, &[[0, 1, 2], nodes]).unwrap_err().to_string()
        };
        let triangle = Shape::Triangle;
        assert_eq!(reason(triangle, [2, 5, 3]), "triangle 1: names node 5, but there are 5 points");
        assert!(reason(triangle, [2, 3, 2]).ends_with("are the same node"));
        assert_eq!(reason(Shape::Quad, [1, 2, 3]), "a quad has 4 nodes, not 3");
        let solid = Mesh::new(&CORNERS, Shape::Tetrahedron, &[[0, 1, 2, 3]]).unwrap_err();
        assert_eq!(solid.to_string(), "a 2-dimensional mesh cannot have tetrahedrons");
        let infinite = Mesh::new(&[[0.0, f64::INFINITY]; 3], triangle, &[[0, 1, 2]]).unwrap_err();
        assert_eq!(infinite.to_string(), "point 0 is not finite");
    }
}

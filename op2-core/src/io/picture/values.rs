//! The values at the corners of faces.

use std::borrow::Cow;

use super::faces::Face;
use crate::io::tables::Tables;

/// A field as it is drawn.
pub(super) enum Values<'a> {
    /// Nothing but the mesh.
    None,
    /// One value per point.
    Points(Cow<'a, [f64]>),
    /// One value per cell.
    Cells(&'a [f64]),
}

impl Values<'_> {
    /// The value that a face of a cell has at a node.
    pub(super) fn at(&self, node: u32, cell: u32) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Points(values) => values[node as usize],
            Self::Cells(values) => values[cell as usize],
        }
    }

    /// Whether values change gradually, so that there are lines of equal value.
    pub(super) fn are_smooth(&self) -> bool {
        matches!(self, Self::Points(_))
    }

    fn of_faces<'f>(&self, faces: impl Iterator<Item = &'f Face>) -> impl Iterator<Item = f64> {
        faces.flat_map(|face| face.nodes().iter().map(|&node| self.at(node, face.cell)))
    }

    /// The least and the largest finite value of some faces; 0 and 0 where there is none.
    pub(super) fn range<'f>(&self, faces: impl Iterator<Item = &'f Face>) -> (f64, f64) {
        let finite = self.of_faces(faces).filter(|value| value.is_finite());
        let (low, high) = finite
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        if low <= high { (low, high) } else { (0.0, 0.0) }
    }

    /// Whether some faces have a value that is not finite.
    pub(super) fn any_missing<'f>(&self, faces: impl Iterator<Item = &'f Face>) -> bool {
        self.of_faces(faces).any(|value| !value.is_finite())
    }
}

/// The mean of the values of the cells around each node.
pub(super) fn node_means(num_points: usize, cells: &Tables, values: &[f64]) -> Vec<f64> {
    let mut sums = vec![(0.0, 0_u32); num_points];
    let mut values = values.iter();
    for (shape, nodes) in cells.iter() {
        for (cell, value) in nodes.chunks_exact(shape.num_nodes()).zip(&mut values) {
            for &node in cell {
                let (sum, count) = &mut sums[node as usize];
                *sum += value;
                *count += 1;
            }
        }
    }
    sums.into_iter().map(|(sum, count)| sum / f64::from(count)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::shape::Shape;

    #[test]
    fn cells_are_averaged_across_shapes() {
        let (quad, triangle) = ([[0, 1, 2, 3]], [[1, 4, 2]]);
        let mut cells = Tables::default();
        cells.push(Shape::Quad, &quad);
        cells.push(Shape::Triangle, &triangle);
        let means = node_means(6, &cells, &[1.0, 3.0]);
        assert_eq!(means[..5], [1.0, 2.0, 2.0, 1.0, 3.0]);
        assert!(means[5].is_nan());
    }
}

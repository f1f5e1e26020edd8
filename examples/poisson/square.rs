//! Generated meshes of the unit square.

use op2::io::{Mesh, MeshError, Shape};

/// The most squares along a side: more nodes, cells or matrix entries than this gives would not have
/// numbers.
pub(crate) const LARGEST: u32 = 20_000;

/// `side` by `side` squares of two triangles each, numbered row by row.
///
/// ```text
/// +--+--+
/// | /| /|
/// |/ |/ |
/// +--+--+
/// ```
///
/// # Errors
/// None, up to [`LARGEST`] squares along a side.
pub(crate) fn unit_square(side: u32) -> Result<Mesh, MeshError> {
    let across = side + 1;
    let coords: Vec<[f64; 2]> = (0..across * across)
        .map(|node| [node % across, node / across].map(|i| f64::from(i) / f64::from(side)))
        .collect();
    let lower_left = (0..side * side).map(|square| square / side * across + square % side);
    let cells: Vec<[u32; 3]> = lower_left
        .flat_map(|a| [[a, a + 1, a + across + 1], [a, a + across + 1, a + across]])
        .collect();
    Mesh::new(&coords, Shape::Triangle, &cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_square_is_covered_once() {
        let mesh = unit_square(7).unwrap();
        assert_eq!((mesh.points.len(), mesh.num_cells(2)), (64, 98));
        assert!((mesh.measure() - 1.0).abs() < 1e-14);
        assert_eq!(mesh.check(), []);
        assert_eq!(mesh.points.last(), Some(&[1.0, 1.0, 0.0]));
    }
}

//! The unit square, cut into squares and each of those into two triangles.

use op2::io::{Mesh, Shape};

/// The mesh of `2 i j` triangles, numbered row by row.
///
/// ```text
/// +--+--+
/// | /| /|
/// |/ |/ |
/// +--+--+
/// ```
///
/// # Errors
/// No squares, or more nodes than 32 bits can number.
pub(crate) fn unit_square(i: usize, j: usize) -> op2::Result<Mesh> {
    let num_nodes = i.saturating_add(1).checked_mul(j.saturating_add(1));
    if i == 0 || j == 0 || num_nodes.is_none_or(|n| n > u32::MAX as usize / 8) {
        return Err(op2::Error::other(format!("the unit square cannot be cut into {i} by {j}")));
    }
    let row = i + 1;
    let coords: Vec<[f64; 2]> = (0..row * (j + 1))
        .map(|node| [(node % row) as f64 / i as f64, (node / row) as f64 / j as f64])
        .collect();
    let cells: Vec<[u32; 3]> = (0..i * j)
        .map(|square| (square / i * row + square % i) as u32)
        .flat_map(|a| {
            let (b, d) = (a + 1, a + row as u32);
            [[a, b, d + 1], [a, d + 1, d]]
        })
        .collect();
    Ok(Mesh::new(&coords, Shape::Triangle, &cells)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_square_is_filled() {
        let mesh = unit_square(3, 2).unwrap();
        assert_eq!((mesh.points.len(), mesh.num_cells(2)), (12, 12));
        assert!(mesh.measures().iter().all(|area| (area - 1.0 / 12.0).abs() < 1e-15));
        assert_eq!(mesh.points.last(), Some(&[1.0, 1.0, 0.0]));
        assert!(mesh.check().is_empty());
        assert!(unit_square(0, 1).is_err() && unit_square(usize::MAX, 2).is_err());
    }
}

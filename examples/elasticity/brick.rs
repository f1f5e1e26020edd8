//! A brick of tetrahedra: a lattice of cubes, each cut into six.

use op2::io::{Mesh, Shape};

/// The ways from one corner of a cube to the opposite one, along its edges: each is a tetrahedron.
/// The flag says that its corners come in the wrong order for a positive volume.
const WAYS: [([usize; 3], bool); 6] = [
    ([0, 1, 2], false),
    ([0, 2, 1], true),
    ([1, 0, 2], true),
    ([1, 2, 0], false),
    ([2, 0, 1], false),
    ([2, 1, 0], true),
];

/// The brick from the origin to `sides`, with `cubes` cubes along each side.
///
/// Halving the cubes cuts every tetrahedron into smaller ones: the meshes of a refinement study are nested.
///
/// # Errors
/// No cubes, or more nodes than 32 bits can number.
pub(crate) fn brick(sides: [f64; 3], cubes: [usize; 3]) -> op2::Result<Mesh> {
    let nodes = cubes.map(|n| n.saturating_add(1));
    let num_nodes = nodes.iter().try_fold(1_usize, |product, &n| product.checked_mul(n));
    if cubes.contains(&0) || num_nodes.is_none_or(|n| n > u32::MAX as usize / 2) {
        return Err(op2::Error::other(format!("a brick cannot have {cubes:?} cubes")));
    }
    // Numbered along the long side last, which keeps neighbors close together.
    let number = |[i, j, k]: [usize; 3]| ((i * nodes[1] + j) * nodes[2] + k) as u32;
    let mut coords: Vec<[f64; 3]> = Vec::with_capacity(num_nodes.unwrap_or(0));
    for place in lattice(nodes) {
        coords.push(std::array::from_fn(|d| sides[d] * place[d] as f64 / cubes[d] as f64));
    }
    let mut cells = Vec::with_capacity(6 * cubes.iter().product::<usize>());
    for corner in lattice(cubes) {
        for (way, swapped) in WAYS {
            let mut place = corner;
            let mut cell = [number(place); 4];
            for (node, axis) in cell[1..].iter_mut().zip(way) {
                place[axis] += 1;
                *node = number(place);
            }
            if swapped {
                cell.swap(1, 2);
            }
            cells.push(cell);
        }
    }
    Ok(Mesh::new(&coords, Shape::Tetrahedron, &cells)?)
}

/// All places of a lattice, the last number running fastest.
fn lattice([a, b, c]: [usize; 3]) -> impl Iterator<Item = [usize; 3]> {
    (0..a).flat_map(move |i| (0..b).flat_map(move |j| (0..c).map(move |k| [i, j, k])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use op2::io::Topology;

    #[test]
    fn a_brick_is_filled_by_tetrahedra_of_one_size() {
        let mesh = brick([4.0, 1.0, 2.0], [4, 2, 3]).unwrap();
        assert_eq!((mesh.points.len(), mesh.num_cells(3)), (60, 144));
        assert!(mesh.measures().iter().all(|volume| (volume - 8.0 / 144.0).abs() < 1e-15));
        assert!(mesh.check().is_empty());
        // Two triangles on each square of the surface.
        let topology = Topology::of(&mesh).unwrap();
        assert_eq!(topology.boundary().len(), 4 * (4 * 2 + 4 * 3 + 2 * 3));
    }

    #[test]
    fn bricks_without_cubes_or_with_too_many_are_refused() {
        assert!(brick([1.0; 3], [0, 1, 1]).is_err());
        assert!(brick([1.0; 3], [usize::MAX, 2, 2]).is_err());
    }
}

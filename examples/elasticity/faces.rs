//! Parts of the boundary by name: groups of the mesh file, or planes of the bounding box.

use op2::io::{FacetGroup, Mesh, Topology};

/// A facet lies on a plane if all corners do, to this part of the box's longest side.
const SLACK: f64 = 1e-9;

/// The lowest corner and the sides of the bounding box.
pub(crate) fn bounding_box(mesh: &Mesh) -> ([f64; 3], [f64; 3]) {
    let (mut low, mut high) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]);
    for point in &mesh.points {
        for d in 0..3 {
            low[d] = low[d].min(point[d]);
            high[d] = high[d].max(point[d]);
        }
    }
    (low, std::array::from_fn(|d| high[d] - low[d]))
}

/// Whether the mesh fills its bounding box.
pub(crate) fn is_box(mesh: &Mesh) -> bool {
    let volume: f64 = bounding_box(mesh).1.iter().product();
    (mesh.measure() - volume).abs() <= 1e-9 * volume
}

/// The facets of a face: `all`, a plane of the bounding box such as `x-min`, or a group of the file.
///
/// # Errors
/// A group that the mesh does not have, or a face without facets.
pub(crate) fn face(mesh: &Mesh, topology: &Topology, name: &str) -> op2::Result<FacetGroup> {
    let facets = match plane(name) {
        _ if name == "all" => topology.boundary(),
        Some((axis, side)) => on_plane(mesh, topology, axis, side),
        None => topology.group(mesh, name)?.facets,
    };
    if facets.is_empty() {
        return Err(op2::Error::other(format!("no face of the mesh lies on `{name}`")));
    }
    Ok(FacetGroup { name: name.to_owned(), tag: 0, facets })
}

/// The nodes of facets, each once.
pub(crate) fn nodes(topology: &Topology, face: &FacetGroup) -> Vec<u32> {
    let mut nodes: Vec<u32> =
        face.facets.iter().flat_map(|&facet| topology.nodes(facet)).copied().collect();
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}

/// The axis and whether the plane is at its upper end.
fn plane(name: &str) -> Option<(usize, bool)> {
    let (axis, end) = name.split_once('-')?;
    let axis = ["x", "y", "z"].iter().position(|&known| known == axis)?;
    let side = ["min", "max"].iter().position(|&known| known == end)?;
    Some((axis, side == 1))
}

fn on_plane(mesh: &Mesh, topology: &Topology, axis: usize, upper: bool) -> Vec<u32> {
    let (low, sides) = bounding_box(mesh);
    let slack = SLACK * sides.iter().copied().fold(0.0, f64::max);
    let plane = if upper { low[axis] + sides[axis] } else { low[axis] };
    let near = |&node: &u32| (mesh.points[node as usize][axis] - plane).abs() <= slack;
    let mut facets = topology.boundary();
    facets.retain(|&facet| topology.nodes(facet).iter().all(near));
    facets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brick::brick;

    #[test]
    fn planes_and_all_of_a_brick() {
        let mesh = brick([4.0, 1.0, 1.0], [4, 1, 2]).unwrap();
        let topology = Topology::of(&mesh).unwrap();
        assert!(is_box(&mesh));
        let sizes = |name| {
            let face = face(&mesh, &topology, name).unwrap();
            (face.facets.len(), nodes(&topology, &face).len())
        };
        assert_eq!(sizes("x-max"), (4, 6));
        assert_eq!(sizes("y-min"), (16, 15));
        assert_eq!(sizes("all"), (2 * (4 + 16 + 8), 30));
        let error = face(&mesh, &topology, "wall").unwrap_err().to_string();
        assert_eq!(error, "the mesh has no group `wall` of dimension 2; it has none");
    }
}

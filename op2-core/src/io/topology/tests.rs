//! Small meshes, whose facets are counted by hand.

use super::*;
use crate::io::builder::MeshBuilder;
use crate::io::shape::Shape;

/// A mesh of `num_points` points, all at the origin, and these cells with their groups.
fn mesh(num_points: usize, cells: &[(Shape, &[u32], i32)]) -> Mesh {
    let points = vec![[0.0; 3]; num_points];
    let mut builder = MeshBuilder::with_points(points);
    for &(shape, nodes, tag) in cells {
        builder.cell(shape, nodes, &[tag]).unwrap();
    }
    Mesh { name: "stack".into(), ..builder.finish(3) }
}

/// A quad and a triangle side by side, and their common edge and one other as lines.
fn two_cells() -> Mesh {
    mesh(
        5,
        &[
            (Shape::Quad, &[0, 1, 2, 3], 0),
            (Shape::Triangle, &[1, 4, 2], 0),
            (Shape::Line, &[2, 1], 6),
            (Shape::Line, &[0, 3], 8),
        ],
    )
}

#[test]
fn edges_know_their_cells() {
    let mesh = two_cells();
    let topology = Topology::of(&mesh).unwrap();
    assert_eq!((topology.num_cells(), topology.num_facets()), (2, 6));
    let shared = topology.find(&[2, 1]).unwrap();
    // The triangle is cell 0: blocks are ordered by shape.
    assert_eq!(topology.facet_cells()[shared as usize], [0, 1]);
    assert_eq!(topology.nodes(shared), [2, 1]);
    assert_eq!(topology.interior(), [shared]);
    assert_eq!(topology.boundary().len(), 5);
    assert_eq!(topology.facet_nodes::<2>().unwrap()[shared as usize], [2, 1]);
    assert!(topology.facet_nodes::<3>().is_err());
    assert_eq!(topology.find(&[0, 2]), None);
    assert_eq!(topology.find(&[0, 1, 2, 3, 4]), None);
    assert_eq!((mesh.num_edges(), mesh.euler_characteristic()), (6, 1));
}

#[test]
fn the_dual_graph_joins_cells_that_share_a_facet() {
    let topology = Topology::of(&two_cells()).unwrap();
    assert_eq!(topology.dual_graph().unwrap().rows().collect::<Vec<_>>(), [[1], [0]]);
    let facets = topology.cell_facets().unwrap();
    assert_eq!((facets.degree(0), facets.degree(1)), (3, 4));
}

#[test]
fn groups_are_found_among_the_facets() {
    let mesh = two_cells();
    let topology = Topology::of(&mesh).unwrap();
    let groups = topology.groups(&mesh).unwrap();
    assert_eq!((groups[0].tag, &*groups[0].facets), (6, &topology.interior()[..]));
    assert_eq!(topology.nodes(groups[1].facets[0]), [3, 0]);
    assert_eq!(topology.group(&mesh, "6").as_ref().ok(), Some(&groups[0]));
    let error = topology.group(&mesh, "wall").unwrap_err().to_string();
    assert_eq!(error, "stack: the mesh has no group `wall` of dimension 1; it has `6`, `8`");
}

#[test]
fn a_group_beside_the_mesh_is_named() {
    let mesh = mesh(4, &[(Shape::Triangle, &[0, 1, 2], 0), (Shape::Line, &[0, 3], 5)]);
    let error = Topology::of(&mesh).unwrap().groups(&mesh).unwrap_err();
    assert_eq!(error.to_string(), "group `5`: the line with nodes [0, 3] is no facet of any cell");
}

#[test]
fn an_edge_with_three_cells_is_named() {
    let fan: [(Shape, &[u32], i32); 3] = [
        (Shape::Triangle, &[0, 1, 2], 0),
        (Shape::Triangle, &[1, 0, 3], 0),
        (Shape::Triangle, &[0, 1, 4], 0),
    ];
    let error = Topology::of(&mesh(5, &fan)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the facet with nodes [0, 1] belongs to 3 cells ([0, 1, 2]); two at most can meet there"
    );
}

#[test]
fn solids_share_faces_of_three_and_four_corners() {
    let stack: [(Shape, &[u32], i32); 3] = [
        (Shape::Hexahedron, &[0, 1, 2, 3, 4, 5, 6, 7], 0),
        (Shape::Pyramid, &[4, 5, 6, 7, 8], 0),
        (Shape::Tetrahedron, &[4, 8, 5, 9], 0),
    ];
    let mesh = mesh(10, &stack);
    let topology = Topology::of(&mesh).unwrap();
    assert_eq!(topology.num_facets(), 6 + 5 + 4 - 2);
    assert_eq!(topology.interior().len(), 2);
    assert_eq!(mesh.euler_characteristic(), 1);
}

#[test]
fn a_twisted_face_is_named() {
    let twisted: [(Shape, &[u32], i32); 2] =
        [(Shape::Hexahedron, &[0, 1, 2, 3, 4, 5, 6, 7], 0), (Shape::Pyramid, &[4, 6, 5, 7, 8], 0)];
    let error = Topology::of(&mesh(9, &twisted)).unwrap_err();
    assert!(matches!(error, TopologyError::Twisted { cells: [0, 1], .. }), "{error}");
}

#[test]
fn a_mesh_without_cells_has_no_facets() {
    let topology = Topology::of(&mesh(2, &[])).unwrap();
    assert_eq!((topology.num_cells(), topology.num_facets()), (0, 0));
    assert_eq!(topology.dual_graph().unwrap().num_rows(), 0);
}

//! What every fuzz target does: read bytes as a mesh, and ask of a mesh that was read all that can
//! be asked. Anything but a mesh or an error is a bug: a panic, a hang, too much memory.

use op2_core::io::{Mesh, MeshFormat, Topology};

/// Reads `bytes` and checks what came out.
pub fn read(bytes: &[u8], format: MeshFormat) {
    let Ok(mut mesh) = Mesh::from_bytes("fuzz", bytes.to_vec(), format) else { return };
    check_invariants(&mesh);
    let findings = mesh.check();
    assert!(findings.iter().all(|finding| !finding.to_string().is_empty()));
    mesh.euler_characteristic();
    mesh.enclosed_volume();
    mesh.orient();
    if let Ok(topology) = Topology::of(&mesh) {
        let _ = topology.orientation();
        let _ = topology.groups(&mesh);
        topology.dual_graph().expect("small meshes have small graphs");
    }
}

/// What the documentation of `Mesh` promises.
fn check_invariants(mesh: &Mesh) {
    assert!(mesh.points.as_flattened().iter().all(|coordinate| coordinate.is_finite()));
    for block in &mesh.cells {
        assert_eq!(block.nodes.len(), block.len() * block.shape.num_nodes());
        assert!(block.nodes.iter().all(|&node| (node as usize) < mesh.points.len()));
    }
    for group in &mesh.groups {
        for (shape, members) in &group.members {
            let block = mesh.block(*shape).expect("members are cells");
            assert!(members.is_sorted() && members.iter().all(|&cell| (cell as usize) < block.len()));
        }
        mesh.group_nodes(group);
    }
    for data in &mesh.point_data {
        assert_eq!(data.values.len(), mesh.points.len() * data.components);
    }
}

//! The airfoil on its small mesh, against the digits of a strictly sequential program.

#![allow(dead_code, reason = "the example uses the rest of its modules")]

use crate::target::Target;

#[path = "../../../examples/airfoil/flow.rs"]
mod flow;
#[path = "../../../examples/airfoil/kernels.rs"]
mod kernels;
#[path = "../../../examples/airfoil/mesh.rs"]
mod mesh;

use flow::Flow;
use mesh::AirfoilMesh;

const MESH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/airfoil_small.dat.zst");

/// `(iteration, rms)` in double precision, sequential, without fused operations.
#[allow(clippy::excessive_precision, reason = "as published")]
const STRICT_RMS: [(u32, f64); 3] = [
    (1, 4.690_809_574_180_073_06e-3),
    (10, 2.005_077_508_963_954_39e-3),
    (100, 4.836_839_124_188_207_25e-4),
];

pub fn the_published_digits(target: &Target) {
    // Checking every element takes time: the first iterations will do.
    let iterations = if target.finds_mistakes() { 10 } else { 100 };
    let flow = Flow::<f64>::declare(&target.context(), AirfoilMesh::read(MESH).unwrap()).unwrap();
    let rms: Vec<f64> = (0..iterations).map(|_| flow.step().unwrap()).collect();
    for (iteration, strict) in STRICT_RMS {
        let Some(&rms) = rms.get(iteration as usize - 1) else { continue };
        assert!(target.agrees(rms, strict, strict), "{iteration}: {rms:.17e}, not {strict:.17e}");
    }
}

pub fn single_precision_stays_near(target: &Target) {
    let flow = Flow::<f32>::declare(&target.context(), AirfoilMesh::read(MESH).unwrap()).unwrap();
    let rms = flow.step().unwrap();
    assert!((rms / STRICT_RMS[0].1 - 1.0).abs() < 1e-3, "{rms:.17e}");
}

pub fn a_shuffled_mesh_carries_the_same_flow(target: &Target) {
    let mut mesh = AirfoilMesh::generate(20, 30).unwrap();
    let run = |mesh: &AirfoilMesh| {
        let flow = Flow::<f64>::declare(&target.context(), mesh.clone()).unwrap();
        (0..20).map(|_| flow.step().unwrap()).collect::<Vec<_>>()
    };
    let (ordered, seed) = (run(&mesh), 5);
    mesh.shuffle(seed);
    for (ordered, shuffled) in ordered.into_iter().zip(run(&mesh)) {
        assert!((shuffled / ordered - 1.0).abs() < 1e-11, "{shuffled:.17e}, {ordered:.17e}");
    }
}

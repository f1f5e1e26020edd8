//! The numbers this program must reproduce on the mesh of 720 000 cells.
//!
//! What OP2's authors publish is the last step's. The steps before are those of an independent
//! program, to ten digits.
//!
//! From the fourth step on rounding has a say, and programs that add in another order differ by
//! some 1e-4: the published and the independent value do, and so does this program with
//! `OP2_SIMD=scalar` from itself with vectors. With the same setting it keeps its bits, on any
//! number of threads.

use crate::common::reference::Reference;
use crate::mesh::AeroMesh;

/// What is known about the mesh (`--size 400,600`).
#[derive(Debug, PartialEq)]
pub(crate) struct Published {
    /// Nodes, cells and far-field nodes by which the mesh is recognized.
    counts: [usize; 3],
    /// The root mean square of the correction in each step from the first.
    rms: [f64; 20],
    /// The published value of the last step.
    pub(crate) last: Reference,
}

impl Published {
    /// What is known about `mesh`, if it is the one.
    pub(crate) fn find(mesh: &AeroMesh) -> Option<&'static Self> {
        let counts = [mesh.coords.len(), mesh.num_cells(), mesh.far_field.len()];
        // The counts alone do not tell a grid of 400 by 600 from any other with as many cells.
        let is_c_grid = || mesh.coords.contains(&[0.0, 18.0]);
        (counts == LARGE.counts && is_c_grid()).then_some(&LARGE)
    }

    /// The value of a step, the first being 1.
    pub(crate) fn rms(&self, step: u32) -> Option<f64> {
        self.rms.get((step as usize).checked_sub(1)?).copied()
    }

    /// The first of the steps that is further from the known one than it may be.
    pub(crate) fn first_off(&self, steps: &[(u32, f64)]) -> Option<u32> {
        let is_off = |&&(step, rms): &&(u32, f64)| {
            self.rms(step).is_some_and(|known| !is_near(rms, known, tolerance(step)))
        };
        steps.iter().find(is_off).map(|&(step, _)| step)
    }
}

/// How far a step may be off, relative.
pub(crate) fn tolerance(step: u32) -> f64 {
    if step <= 3 { 1e-9 } else { 1e-3 }
}

/// A NaN is near to nothing.
fn is_near(rms: f64, known: f64, tolerance: f64) -> bool {
    (rms / known - 1.0).abs() <= tolerance
}

pub(crate) static LARGE: Published = Published {
    counts: [721_400, 720_000, 2_400],
    rms: [
        5.493_619_914e-4,
        1.822_765_882e-4,
        5.446_274_961e-5,
        4.080_798_585e-5,
        2.505_200_852e-5,
        2.131_730_905e-5,
        1.469_746_072e-5,
        1.255_518_721e-5,
        8.684_948_415e-6,
        7.438_147_602e-6,
        5.156_494_522e-6,
        4.424_011_558e-6,
        3.071_480_071e-6,
        2.638_270_613e-6,
        1.833_572_729e-6,
        1.576_179_594e-6,
        1.096_241_374e-6,
        9.428_316_738e-7,
        6.561_055_865e-7,
        5.644_792_025e-7,
    ],
    last: Reference { value: 5.644_214_176_463_586e-7, percent: 0.02 },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mesh_is_recognized() {
        let mesh = AeroMesh::generate(400, 600).unwrap();
        assert_eq!(Published::find(&mesh), Some(&LARGE));
        assert_eq!(Published::find(&AeroMesh::generate(60, 90).unwrap()), None);
    }

    #[test]
    fn a_step_that_is_off_is_found() {
        let steps: Vec<_> = (1..=20).map(|step| (step, LARGE.rms(step).unwrap())).collect();
        let changed = |step: u32, factor: f64| {
            let mut steps = steps.clone();
            steps[step as usize - 1].1 *= factor;
            LARGE.first_off(&steps)
        };
        assert_eq!(changed(1, 1.0), None);
        assert_eq!((changed(3, 1.0 + 9e-10), changed(3, 1.0 - 2e-9)), (None, Some(3)));
        assert_eq!((changed(20, 1.0 - 9e-4), changed(20, 1.0 + 2e-3)), (None, Some(20)));
        assert_eq!(changed(7, f64::NAN), Some(7));
        assert_eq!((LARGE.rms(0), LARGE.rms(21)), (None, None));
        assert!(LARGE.last.passes(LARGE.rms(20).unwrap()));
    }
}

//! The numbers this program must reproduce.
//!
//! For two sizes of the C-grid: the residuals of a strictly sequential run in double precision,
//! and for the larger one what OP2's authors publish, with their test. Comparing and printing
//! are left to `output`.

use crate::common::reference::Reference;
use crate::mesh::AirfoilMesh;

/// What is known about one mesh.
#[derive(Debug, PartialEq)]
pub(crate) struct Published {
    /// Nodes, cells, edges and boundary edges by which the mesh is recognized.
    counts: [usize; 4],
    /// `(iteration, rms)` of a sequential run in double precision, without fused operations.
    ///
    /// Kept to the last bit by programs that keep the order of the original's additions; others
    /// differ by about `1e-14` of the value.
    pub(crate) strict_rms: &'static [(u32, f64)],
    /// The residual that must be met, where there is one.
    pub(crate) test: Option<Test>,
}

/// A residual to be met at one iteration.
#[derive(Debug, PartialEq)]
pub(crate) struct Test {
    pub(crate) iter: u32,
    pub(crate) rms: Reference,
}

impl Published {
    /// What is known about `mesh`. A renumbered mesh is the same mesh.
    pub(crate) fn find(mesh: &AirfoilMesh) -> Option<&'static Self> {
        let counts = [mesh.coords.len(), mesh.num_cells(), mesh.edge_nodes.len(), mesh.bound.len()];
        // The counts alone do not tell a grid of 400 by 600 from any other with as many cells.
        let is_outer_corner = |&point: &[f64; 2]| point == [0.0, 18.0];
        let is_c_grid = mesh.coords.iter().any(is_outer_corner);
        [&LARGE, &SMALL].into_iter().find(|known| known.counts == counts && is_c_grid)
    }

    /// The strict residual at `iter`.
    pub(crate) fn rms(&self, iter: u32) -> Option<f64> {
        self.strict_rms.iter().find(|(at, _)| *at == iter).map(|&(_, rms)| rms)
    }
}

/// The mesh of 720 000 cells (`--size 400,600`).
pub(crate) static LARGE: Published = Published {
    counts: [721_801, 720_000, 1_438_600, 2_800],
    strict_rms: &[
        (1, 2.018_649_682_638_908e-3),
        (2, 1.916_775_522_640_199e-3),
        (5, 1.565_504_439_268_542_7e-3),
        (100, 5.021_861_249_747_629e-4),
        (200, 3.417_460_331_374_031e-4),
        (300, 2.634_301_550_181_456e-4),
        (400, 2.162_877_886_510_082_8e-4),
        (500, 1.846_593_296_887_380_3e-4),
        (600, 1.608_664_726_008_485_5e-4),
        (700, 1.422_529_602_971_724_8e-4),
        (800, 1.276_270_495_213_564e-4),
        (900, 1.158_101_631_702_793_8e-4),
        (1000, 1.060_114_637_578_078_3e-4),
    ],
    test: Some(Test {
        iter: 1000,
        rms: Reference { value: 0.000_106_011_463_757_8, percent: 0.000_01 },
    }),
};

/// The mesh of 16 200 cells (`--size 60,90`).
pub(crate) static SMALL: Published = Published {
    counts: [16_471, 16_200, 32_190, 420],
    strict_rms: &[
        (1, 4.690_809_574_180_073e-3),
        (100, 4.836_839_124_188_207e-4),
        (200, 2.523_558_392_691_917e-4),
        (300, 1.558_749_126_437_287_8e-4),
        (400, 1.064_995_138_383_762e-4),
        (500, 7.713_911_008_742_764e-5),
        (600, 5.920_399_806_965_727e-5),
        (700, 4.512_039_252_379_799e-5),
        (800, 3.438_269_125_453_855e-5),
        (900, 1.892_051_923_391_000_3e-5),
        (1000, 1.202_508_572_458_863_8e-5),
    ],
    test: None,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meshes_are_recognized_in_any_numbering() {
        let mut mesh = AirfoilMesh::generate(60, 90).unwrap();
        assert_eq!(Published::find(&mesh), Some(&SMALL));
        mesh.shuffle(1);
        assert_eq!(Published::find(&mesh), Some(&SMALL));
        assert_eq!(Published::find(&AirfoilMesh::generate(90, 60).unwrap()), None);
    }

    #[test]
    fn the_published_test_is_narrow() {
        let rms = LARGE.test.as_ref().unwrap().rms;
        assert!(rms.passes(LARGE.rms(1000).unwrap()));
        assert!(rms.passes(rms.value * (1.0 + 9e-8)));
        assert!(!rms.passes(rms.value * (1.0 + 2e-7)));
    }
}

//! Whether ranks find what one rank finds.

use std::fmt::Debug;

use op2::Result;
use op2::prelude::*;

use crate::mesh::{Mesh, Parts};

/// Runs `test` on several ranks in several partitions. All ranks find the same, and `near` what one
/// rank finds.
pub(crate) fn same_on_ranks<R: Debug + PartialEq + Send>(
    test: impl Fn(&Mesh) -> Result<R> + Sync,
    near: impl Fn(&R, &R) -> bool,
) -> R {
    let one =
        test(&Mesh::new(Context::builder().build().unwrap(), Parts::Blocks).unwrap()).unwrap();
    for ranks in [1, 2, 3, 5] {
        for parts in [Parts::Blocks, Parts::Boxes, Parts::Scattered, Parts::OneRank] {
            let on_rank = |comm| {
                let cx = Context::builder().backend(Backend::Seq).comm(comm).build()?;
                test(&Mesh::new(cx, parts)?)
            };
            let found = op2::ranks(ranks, on_rank)
                .unwrap_or_else(|error| panic!("{ranks} ranks, {parts:?}: {error}"));
            assert_eq!(found.len(), ranks);
            for other in &found {
                assert!(*other == found[0], "{ranks} ranks, {parts:?}: {other:?}, {:?}", found[0]);
                assert!(near(other, &one), "{ranks} ranks, {parts:?}: {other:?}, not {one:?}");
            }
        }
    }
    one
}

pub(crate) fn close(found: &[f64], expected: &[f64], tolerance: f64) -> bool {
    let near = |(a, b): (&f64, &f64)| (a - b).abs() <= tolerance * (1.0 + b.abs());
    found.len() == expected.len() && found.iter().zip(expected).all(near)
}

pub(crate) fn all_close(found: &[Vec<f64>], expected: &[Vec<f64>], tolerance: f64) -> bool {
    found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| close(a, b, tolerance))
}

/// Sizes, structure and values of a matrix.
pub(crate) type Whole = ((usize, usize), usize, Vec<u32>, Vec<u32>, Vec<f64>);

pub(crate) fn whole<R, C>(a: &Mat<R, C, f64>) -> Result<Whole> {
    let guard = a.read()?;
    let (pattern, values) = (guard.pattern(), guard.values());
    let (offsets, columns) = (pattern.row_offsets().to_vec(), pattern.columns().to_vec());
    Ok((a.size(), a.num_entries(), offsets, columns, values.to_vec()))
}

pub(crate) fn near_matrices(found: &[Whole], expected: &[Whole]) -> bool {
    found
        .iter()
        .zip(expected)
        .all(|(a, b)| (a.0, a.1, &a.2, &a.3) == (b.0, b.1, &b.2, &b.3) && close(&a.4, &b.4, 1e-13))
}

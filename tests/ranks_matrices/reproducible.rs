//! Matrices in the reproducible mode: the same bits however elements are shared and numbered.

use op2::Result;
use op2::prelude::*;
use op2::solve::precond::Jacobi;
use op2::solve::{CgOptions, cg};

use crate::mesh::{Mesh, Parts};

/// The bits of matrices, products and the steps of a solver, by name.
type Answer = Vec<(&'static str, Vec<u64>)>;

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn answer(mesh: &Mesh, reorder: bool) -> Result<Answer> {
    if reorder {
        mesh.cx.reorder(&Reorder::cuthill_mckee(&mesh.corners))?;
    }
    let (a, b) = (mesh.matrix("a", 0.3, 0.0)?, mesh.coupling("b")?);
    let (x, y, z) = (mesh.on_nodes("p", 3)?, mesh.on_nodes("q", 5)?, mesh.on_cells("z")?);
    let entries = bits(a.read()?.values());
    a.multiply_add(&x, &y)?;
    b.multiply(&x, &z)?;
    let (product, on_cells) = (bits(&y.to_vec()?), bits(&z.to_vec()?));
    b.transpose("b transposed")?.multiply(&z, &y)?;
    let transposed = bits(&y.to_vec()?);
    let mut u = x.like("u")?;
    let jacobi = Jacobi::new(&a)?;
    let options = CgOptions { rtol: 1e-10, preconditioner: &jacobi, ..Default::default() };
    let report = cg(&a, &x, &mut u, options)?;
    Ok(vec![
        ("entries", entries),
        ("product", product),
        ("on cells", on_cells),
        ("transposed", transposed),
        ("solution", bits(&u.to_vec()?)),
        ("iterations", vec![report.iterations as u64]),
    ])
}

/// What each rank finds.
fn on_ranks(ranks: usize, parts: Parts, reorder: bool, on: bool) -> Result<Vec<Answer>> {
    op2::ranks(ranks, |comm| {
        let builder = Context::builder().backend(Backend::Seq).reproducible(on);
        answer(&Mesh::new(builder.comm(comm).build()?, parts)?, reorder)
    })
}

/// What one rank finds.
fn alone(threads: usize, reorder: bool) -> Result<Answer> {
    let builder = Context::builder().backend(Backend::Rayon).threads(threads).reproducible(true);
    answer(&Mesh::new(builder.build()?, Parts::Blocks)?, reorder)
}

fn differing(found: &Answer, expected: &Answer) -> Vec<&'static str> {
    let pairs = found.iter().zip(expected).filter(|(found, expected)| found != expected);
    pairs.map(|(found, _)| found.0).collect()
}

#[test]
fn products_and_solvers_have_the_same_bits_everywhere() {
    let one = alone(1, false).unwrap();
    for (threads, reorder) in [(1, true), (2, false), (2, true)] {
        let found = alone(threads, reorder).unwrap();
        assert_eq!(differing(&found, &one), [""; 0], "{threads} threads, reordered: {reorder}");
    }
    for ranks in [2, 3, 5] {
        for parts in [Parts::Blocks, Parts::Boxes, Parts::Scattered, Parts::OneRank] {
            for reorder in [false, true] {
                for found in on_ranks(ranks, parts, reorder, true).unwrap() {
                    let what = format!("{ranks} ranks, {parts:?}, reordered: {reorder}");
                    assert_eq!(differing(&found, &one), [""; 0], "{what}");
                }
            }
        }
    }
}

#[test]
fn without_the_mode_bits_depend_on_the_cut() {
    let one = alone(1, false).unwrap();
    let found = on_ranks(3, Parts::Boxes, true, false).unwrap();
    let differing = differing(&found[0], &one);
    for what in ["product", "transposed", "solution"] {
        assert!(differing.contains(&what), "{what} is no test: {differing:?}");
    }
}

#[test]
fn products_with_the_transpose_add_rows_in_the_users_sequence() {
    let product = |cx: Context, reorder: bool| -> Result<Vec<u64>> {
        let mesh = Mesh::new(cx, Parts::Blocks)?;
        if reorder {
            mesh.cx.reorder(&Reorder::cuthill_mckee(&mesh.corners))?;
        }
        let (b, z, y) = (mesh.coupling("b")?, mesh.on_cells("z")?, mesh.on_nodes("y", 1)?);
        b.multiply_transposed(&z, &y)?;
        Ok(bits(&y.to_vec()?))
    };
    let on = || Context::builder().reproducible(true).threads(2);
    let one = product(on().build().unwrap(), false).unwrap();
    assert_eq!(product(on().build().unwrap(), true).unwrap(), one);
    let refused = op2::ranks(2, |comm| {
        let refused = product(on().comm(comm).build()?, false).unwrap_err();
        Ok(refused.to_string())
    });
    for refused in refused.unwrap() {
        assert!(refused.contains("reproducible") && refused.contains("`transpose`"), "{refused}");
    }
}

//! Entries: added by loops, set, changed by rows.

use op2::prelude::*;

use crate::agreement::{Whole, close, near_matrices, same_on_ranks, whole};
use crate::mesh::{Mesh, NODES, Parts};

#[test]
fn assembled_matrices_are_those_of_one_rank() {
    let found = same_on_ranks(
        |mesh| {
            let (a, b) = (mesh.matrix("A", 2.0, 3.0)?, mesh.coupling("B")?);
            assert_eq!(a.assemble()?.csr().nnz(), a.num_entries());
            assert_eq!(a.sparsity().num_entries(), a.num_entries());
            let bt = b.transpose("B^T")?;
            Ok(vec![whole(&a)?, whole(&b)?, whole(&bt)?, whole(&bt.transpose("B again")?)?])
        },
        |found, expected| near_matrices(found, expected),
    );
    assert_eq!(found[0].0, (NODES, NODES));
    assert_eq!(found[1], found[3]);
}

#[test]
fn the_checked_mode_lets_sound_loops_pass() {
    let on_rank = |comm| {
        let cx = Context::builder().backend(Backend::Seq).checked(true).comm(comm).build()?;
        whole(&Mesh::new(cx, Parts::Boxes)?.matrix("A", 2.0, 3.0)?)
    };
    let one = op2::ranks(1, on_rank).unwrap();
    assert!(near_matrices(&op2::ranks(3, on_rank).unwrap()[1..2], &one));
}

#[test]
fn norms_are_those_of_one_rank() {
    same_on_ranks(
        |mesh| {
            let (a, b) = (mesh.matrix("A", 2.0, 3.0)?, mesh.coupling("B")?);
            let norms = [a.frobenius_norm()?, a.one_norm()?, a.inf_norm()?, b.one_norm()?];
            a.set(3, 3, f64::NAN)?;
            assert!(a.inf_norm()?.is_nan() && a.one_norm()?.is_nan());
            Ok(norms.to_vec())
        },
        |found, expected| close(found, expected, 1e-13),
    );
}

#[test]
fn rows_and_diagonals_change_where_they_are_owned() {
    same_on_ranks(
        |mesh| {
            let a = mesh.matrix("A", 2.0, 0.0)?;
            let fixed = mesh.fixed()?;
            let mut found = Vec::new();
            a.zero_rows(&fixed, 4.0)?;
            found.push(whole(&a)?);
            let b = mesh.matrix("B", 1.0, 0.0)?;
            b.axpy(-0.5, &a)?;
            b.scale(3.0)?;
            let d = mesh.on_nodes("d", 5)?;
            b.set_diagonal(&d)?;
            let e = d.like("e")?;
            b.diagonal(&e)?;
            assert_eq!(d.to_vec()?, e.to_vec()?);
            found.push(whole(&b)?);
            let c = mesh.matrix("C", 1.0, 0.0)?;
            let (given, rhs) = (mesh.on_nodes("given", 7)?, mesh.on_nodes("rhs", 8)?);
            c.eliminate(&mesh.cx.subset("fixed", &mesh.nodes, &fixed)?, &given, &rhs, 2.0)?;
            let mut end = whole(&c)?;
            end.4.extend(rhs.to_vec()?);
            found.push(end);
            // Each rank names those of its own.
            let own = mesh.nodes.owned();
            let own: Vec<u32> = fixed.into_iter().filter(|row| own.contains(row)).collect();
            let rhs = mesh.on_nodes("again", 8)?;
            let d = mesh.matrix("D", 1.0, 0.0)?;
            d.eliminate(&own, &given, &rhs, 2.0)?;
            assert_eq!((whole(&d)?.4, rhs.to_vec()?), (whole(&c)?.4, end_of(&found)));
            Ok(found)
        },
        |found, expected| near_matrices(found, expected),
    );
}

fn end_of(found: &[Whole]) -> Vec<f64> {
    let all = &found.last().expect("pushed just now").4;
    all[all.len() - NODES..].to_vec()
}

#[test]
fn single_entries_belong_to_the_owner_of_their_row() {
    same_on_ranks(
        |mesh| {
            let a = mesh.matrix("A", 2.0, 0.0)?;
            a.zero()?;
            let [i, j, _] = mesh.corners.to_vec()?[17];
            a.set(i, j, 3.0)?;
            a.add(i, j, 0.25)?;
            {
                // All ranks make the same calls ..
                let mut guard = a.write()?;
                guard.add(j, i, 1.5)?;
                guard.add(j, i, 1.5)?;
            }
            {
                // .. or each those of its rows.
                let mut guard = a.write()?;
                for row in mesh.nodes.owned() {
                    guard.set(row, row, f64::from(row))?;
                }
            }
            assert_eq!((a.get(i, j)?, a.get(j, i)?, a.get(9, 9)?), (3.25, 3.0, 9.0));
            // The same matrix from a matrix of `sprs`, and from a file.
            let copy = mesh.matrix("copy", 1.0, 0.0)?;
            copy.load(&a.to_csr()?.view())?;
            assert_eq!(whole(&copy)?, whole(&a)?);
            let mut file = Vec::new();
            a.write_matrix_market(&mut file)?;
            assert_eq!(file.is_empty(), mesh.cx.rank() != 0);
            whole(&a)
        },
        |found, expected| found == expected,
    );
}

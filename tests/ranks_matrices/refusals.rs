//! What cannot be done is refused on all ranks, in the same words.

use op2::Result;
use op2::prelude::*;
use op2::solve::precond::{Ic0, Jacobi};

use crate::agreement::same_on_ranks;
use crate::mesh::{Cells, Mesh, NODES, Nodes, Others, Parts};

#[test]
fn all_ranks_hear_of_what_one_rank_lacks() {
    let text = |done: Result<()>| done.expect_err("refused").to_string();
    same_on_ranks(
        |mesh| {
            let a = mesh.matrix("A", 1.0, 0.0)?;
            let (i, j) = (0, (0..NODES as u32).find(|&j| a.get(0, j).is_err()).expect("sparse"));
            let mut found = vec![
                text(a.set(i, j, 1.0)),
                text(a.add(i, j, 1.0)),
                text(a.get(i, j).map(drop)),
                text(a.zero_rows(&[NODES as u32], 1.0)),
            ];
            // After what one rank found in a guard, all go on.
            let mut guard = a.write()?;
            let _ = guard.set(i, j, 1.0);
            drop(guard);
            let _ = a.read();
            a.set(3, 3, -1.0)?;
            found.push(text(Ic0::new(&a).map(drop)));
            a.set(5, 5, 0.0)?;
            found.push(text(Jacobi::new(&a).map(drop)));
            // A loop whose map couples what the sparsity lacks.
            let Mesh { cells, itself, .. } = mesh;
            let diagonal = Sparsity::new(&(itself, itself))?;
            let few: Mat<Cells, Cells, f64> = mesh.cx.mat("few", &diagonal)?;
            found.push(text(few.set(0, 9, 1.0)));
            let sum = |cells: &Set<Cells>| par_loop!(one, cells, few(Inc, itself, itself));
            sum(cells)?;
            assert_eq!(few.get(4, 4)?, 1.0);
            Ok(found.into_iter().map(|text| without_rank(&text)).collect::<Vec<_>>())
        },
        |found, expected| found == expected,
    );
}

#[op2::kernel]
fn one(a: Inc<[[f64; 1]; 1]>) {
    a[0][0] += 1.0;
}

/// An error of another rank says whose it is.
fn without_rank(text: &str) -> String {
    match text.split_once(": ") {
        Some((rank, rest)) if rank.starts_with("rank ") => rest.to_owned(),
        _ => text.to_owned(),
    }
}

#[test]
fn a_listed_entry_needs_a_map() {
    let on_rank = |comm| {
        let cx = Context::builder().backend(Backend::Seq).comm(comm).build()?;
        let nodes = cx.set::<Nodes>(6)?;
        let links = cx.set::<Others>(2)?;
        let _ends = cx.map("ends", &links, &nodes, [[0, 5], [1, 2]])?;
        let error = Sparsity::from_list(&nodes, &nodes, &[(0, 1), (1, 4)]).unwrap_err().to_string();
        assert!(
            error.contains("entry (1, 4): the rank that owns row 1 stores no column 4"),
            "{error}"
        );
        // Given by parts.
        let part = [[(0, 5), (5, 0)], [(0, 0), (0, 1)]][cx.rank()];
        let a: Mat<Nodes, Nodes, f64> =
            cx.mat("A", &Sparsity::from_list(&nodes, &nodes, &part)?)?;
        assert_eq!(a.num_entries(), 6 + 3);
        a.set(0, 5, 2.0)?;
        let (x, y) =
            (cx.dat("x", &nodes, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])?, cx.dat_zeros("y", &nodes)?);
        a.multiply(&x, &y)?;
        assert_eq!(y.to_vec()?, [12.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        a.transpose("A^T")?.multiply_transposed(&x, &y)?;
        assert_eq!(y.to_vec()?, [12.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        Ok(())
    };
    op2::ranks(2, on_rank).unwrap();
}

#[test]
fn matrices_outlive_declarations_that_leave_their_sets_alone() {
    let on_rank = |comm| {
        let cx = Context::builder().backend(Backend::Seq).comm(comm).build()?;
        let mesh = Mesh::new(cx, Parts::Boxes)?;
        let (a, u) = (mesh.matrix("A", 1.0, 0.0)?, mesh.on_nodes("u", 1)?);
        let v = u.like("v")?;
        a.multiply(&u, &v)?;
        let others = mesh.cx.set::<Others>(10)?;
        let number: Dat<Others, u64> = mesh.cx.dat_zeros("number", &others)?;
        par_loop!(count, others, index(), number(Write))?;
        let before = v.to_vec()?;
        a.multiply(&u, &v)?;
        assert_eq!(v.to_vec()?, before);
        // Copies of other cells' nodes: a new halo.
        let far: Vec<[u32; 1]> = (0..10).map(|i| [NODES as u32 - 1 - 6 * i]).collect();
        let far = mesh.cx.map("far", &others, &mesh.nodes, far)?;
        par_loop!(count, others, index(), number(Write))?;
        drop(far);
        if let Err(error) = a.multiply(&u, &v) {
            let text = error.to_string();
            assert!(text.contains("its sets were renumbered after it was made"), "{text}");
            return Ok(true);
        }
        Ok(false)
    };
    let found = op2::ranks(3, on_rank).unwrap();
    assert!(found.iter().all(|refused| *refused), "on all ranks alike: {found:?}");
}

#[op2::kernel]
fn count(i: &u64, number: Write<u64>) {
    *number = *i;
}

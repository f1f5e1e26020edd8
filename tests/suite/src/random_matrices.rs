//! Matrices filled through random maps: against dense ones, renumbered, and bit by bit.

use op2::prelude::*;

use crate::meshes::{Cells, Edges, Nodes, permutation, random_rows, random_values};
use crate::target::Target;

/// Integers in floating-point form, so that sums are exact in any order.
#[op2::kernel]
fn products(e: &u64, f: &[f64; 3], g: &[f64; 2], a: Inc<[[f64; 2]; 3]>) {
    for i in 0..3 {
        for j in 0..2 {
            a[i][j] += f[i] * g[j] + (*e % 7) as f64;
        }
    }
}

#[op2::kernel]
fn square(e: &u64, a: Inc<[[f32; 3]; 3]>) {
    for i in 0..3 {
        for j in 0..3 {
            a[i][j] += (*e % 11) as f32 + (3 * i + j) as f32;
        }
    }
}

#[op2::kernel]
fn uneven_block(e: &u64, a: Inc<[[f64; 6]; 2]>) {
    for i in 0..2 {
        for j in 0..6 {
            a[i][j] += (*e % 5) as f64 + (10 * i + j) as f64;
        }
    }
}

#[op2::kernel]
fn sixth(x: &f64, a: Inc<[[f64; 3]; 3]>) {
    for i in 0..3 {
        for j in 0..3 {
            a[i][j] += *x / (6.0 + i as f64 + 2.0 * j as f64);
        }
    }
}

/// Random maps of different arities to different sets, against a dense matrix.
pub fn random_tensors_match_a_dense_matrix(target: &Target) {
    let (cx, many) = (target.context(), if target.finds_mistakes() { 500 } else { 20_011 });
    let nodes = cx.set::<Nodes>(97).unwrap();
    let edges = cx.set::<Edges>(61).unwrap();
    let cells = cx.set::<Cells>(many).unwrap();
    let (rows, cols) = (random_rows::<3>(many, 97, 1), random_rows::<2>(many, 61, 2));
    let to_nodes = cx.map("to_nodes", &cells, &nodes, &rows).unwrap();
    let to_edges = cx.map("to_edges", &cells, &edges, &cols).unwrap();
    let f: Vec<f64> = (0..97).map(|i| f64::from(i % 9)).collect();
    let g: Vec<f64> = (0..61).map(|i| f64::from(i % 5) - 2.0).collect();
    let mut dense = vec![[None::<f64>; 61]; 97];
    for (e, (rows, cols)) in rows.iter().zip(&cols).enumerate() {
        for &r in rows {
            for &c in cols {
                *dense[r as usize][c as usize].get_or_insert(0.0) +=
                    f[r as usize] * g[c as usize] + (e % 7) as f64;
            }
        }
    }
    let f = cx.dat("f", &nodes, f).unwrap();
    let g = cx.dat("g", &edges, g).unwrap();
    let pattern = Sparsity::new(&[(&to_nodes, &to_edges)]).unwrap();
    let a: Mat<Nodes, Edges, f64> = cx.mat("a", &pattern).unwrap();
    par_loop!(
        products,
        cells,
        index(),
        f(Read, to_nodes),
        g(Read, to_edges),
        a(Inc, to_nodes, to_edges)
    )
    .unwrap();
    let entries = dense.iter().flatten().flatten().count();
    assert_eq!(a.num_entries(), entries);
    let guard = a.read().unwrap();
    for (i, row) in (0..).zip(&dense) {
        for (j, expected) in (0..).zip(row) {
            assert_eq!(guard.get(i, j), expected.as_ref(), "({i}, {j})");
        }
    }
}

/// A mesh numbered at random, before and after renumbering: the same matrix in the user's numbers.
pub fn a_renumbered_mesh_gives_the_same_matrix(target: &Target) {
    let cx = target.context();
    let size = if target.finds_mistakes() { 12 } else { 64 };
    let number = permutation(size * size, 5);
    let at = |i: usize, j: usize| number[i * size + j][0];
    let triangles: Vec<[u32; 3]> = (0..(size - 1) * (size - 1))
        .flat_map(|k| {
            let (i, j) = (k / (size - 1), k % (size - 1));
            let (a, b, c, d) = (at(i, j), at(i + 1, j), at(i + 1, j + 1), at(i, j + 1));
            [[a, b, c], [a, c, d]]
        })
        .collect();
    let nodes = cx.set::<Nodes>(size * size).unwrap();
    let cells = cx.set::<Cells>(triangles.len()).unwrap();
    let cell_nodes = cx.map("cell_nodes", &cells, &nodes, &triangles).unwrap();
    let assemble = |name: &str| {
        let pattern = Sparsity::new(&[(&cell_nodes, &cell_nodes)]).unwrap();
        let a: Mat<Nodes, Nodes, f32> = cx.mat(name, &pattern).unwrap();
        par_loop!(square, cells, index(), a(Inc, cell_nodes, cell_nodes)).unwrap();
        a
    };
    let before = assemble("before");
    let csr = before.to_csr().unwrap();
    cx.reorder(&Reorder::cuthill_mckee(&cell_nodes)).unwrap();
    let error = par_loop!(square, cells, index(), before(Inc, cell_nodes, cell_nodes)).unwrap_err();
    assert!(error.to_string().contains("its sets were renumbered"), "{error}");
    let after = assemble("after").to_csr().unwrap();
    assert_eq!(csr, after);
}

/// Where only the elements move, a matrix made before is filled as before.
pub fn elements_may_move_under_a_matrix(target: &Target) {
    let cx = target.context();
    let nodes = cx.set::<Nodes>(400).unwrap();
    let cells = cx.set::<Cells>(700).unwrap();
    let map = cx.map("map", &cells, &nodes, random_rows::<3>(700, 400, 5)).unwrap();
    let x = cx.dat("x", &cells, random_values(700, 6)).unwrap();
    let a: Mat<Nodes, Nodes, f64> = cx.mat("a", &Sparsity::new(&[(&map, &map)]).unwrap()).unwrap();
    par_loop!(sixth, cells, x(Read), a(Inc, map, map)).unwrap();
    let before = a.to_csr().unwrap();
    cx.reorder(&Reorder::cuthill_mckee(&map).keep(&nodes)).unwrap();
    a.zero().unwrap();
    par_loop!(sixth, cells, x(Read), a(Inc, map, map)).unwrap();
    let after = a.to_csr().unwrap();
    assert_eq!(before.indices(), after.indices());
    for (before, after) in before.data().iter().zip(after.data()) {
        assert!((before - after).abs() < 1e-13, "{before} {after}");
    }
}

/// A matrix of blocks that are no squares.
pub fn blocks_may_have_any_shape(target: &Target) {
    let cx = target.context();
    let cells = cx.set::<Cells>(900).unwrap();
    let nodes = cx.set::<Nodes>(31).unwrap();
    let edges = cx.set::<Edges>(17).unwrap();
    let (rows, cols) = (random_rows::<2>(900, 31, 3), random_rows::<3>(900, 17, 4));
    let to_rows = cx.map("to_rows", &cells, &nodes, &rows).unwrap();
    let to_cols = cx.map("to_cols", &cells, &edges, &cols).unwrap();
    let pattern = Sparsity::new(&[(&to_rows, &to_cols)]).unwrap();
    let a: Mat<Nodes, Edges, [[f64; 2]; 1]> = cx.mat("a", &pattern).unwrap();
    par_loop!(uneven_block, cells, index(), a(Inc, to_rows, to_cols)).unwrap();
    let mut dense = vec![[[0.0; 2]; 17]; 31];
    for (e, (rows, cols)) in rows.iter().zip(&cols).enumerate() {
        for (i, &r) in rows.iter().enumerate() {
            for (j, &c) in cols.iter().enumerate() {
                for (k, sum) in dense[r as usize][c as usize].iter_mut().enumerate() {
                    *sum += (e % 5) as f64 + (10 * i + 2 * j + k) as f64;
                }
            }
        }
    }
    let guard = a.read().unwrap();
    for (i, row) in (0..).zip(&dense) {
        for (j, expected) in (0..).zip(row) {
            assert_eq!(guard.get(i, j).copied().unwrap_or_default(), [*expected], "({i}, {j})");
        }
    }
}

/// The bits of a sum do not depend on the number of threads, nor on the run; the plain reference
/// adds in the order of the elements.
pub fn assembly_is_reproducible(target: &Target) {
    if !target.keeps_bits() {
        return;
    }
    for numbering in [Numbering::Banded, Numbering::Random] {
        let assembled = assemble_thirds(&target.context(), numbering);
        assert_eq!(assembled, assemble_thirds(&target.context(), numbering));
        if target.is_plain_loop() {
            assert_eq!(assembled, thirds_by_hand(numbering));
        } else if !target.has_device() {
            for threads in [1, 3] {
                let cx = target.builder().backend(Backend::Rayon).threads(threads).build().unwrap();
                assert_eq!(assembled, assemble_thirds(&cx, numbering), "{threads} threads");
            }
        }
    }
}

/// How the rows that one element names lie.
#[derive(Clone, Copy)]
enum Numbering {
    Banded,
    Random,
}

const THIRDS: usize = 40_000;

fn third_rows(numbering: Numbering) -> Vec<[u32; 3]> {
    match numbering {
        Numbering::Random => random_rows::<3>(THIRDS, THIRDS / 2, 8),
        Numbering::Banded => (0..THIRDS as u32)
            .map(|e| [e / 2, (e / 2 + 1) % 20_000, (e / 2 + 7) % 20_000])
            .collect(),
    }
}

fn assemble_thirds(cx: &Context, numbering: Numbering) -> Vec<f64> {
    let nodes = cx.set::<Nodes>(THIRDS / 2).unwrap();
    let cells = cx.set::<Cells>(THIRDS).unwrap();
    let map = cx.map("map", &cells, &nodes, third_rows(numbering)).unwrap();
    let x = cx.dat("x", &cells, random_values(THIRDS, 9)).unwrap();
    let a: Mat<Nodes, Nodes, f64> = cx.mat("a", &Sparsity::new(&[(&map, &map)]).unwrap()).unwrap();
    par_loop!(sixth, cells, x(Read), a(Inc, map, map)).unwrap();
    a.read().unwrap().values().to_vec()
}

fn thirds_by_hand(numbering: Numbering) -> Vec<f64> {
    let rows = third_rows(numbering);
    let mut sums = std::collections::BTreeMap::<(u32, u32), f64>::new();
    (0..THIRDS as u32 / 2).for_each(|i| _ = sums.insert((i, i), 0.0));
    for (row, x) in rows.iter().zip(random_values(THIRDS, 9)) {
        for (i, &r) in row.iter().enumerate() {
            for (j, &c) in row.iter().enumerate() {
                *sums.entry((r, c)).or_default() += x / (6.0 + i as f64 + 2.0 * j as f64);
            }
        }
    }
    sums.into_values().collect()
}

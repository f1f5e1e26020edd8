//! Matrices of several spaces, filled by one loop.

use op2::matrix::Numbers;
use op2::prelude::*;

use crate::meshes::{Cells, Edges, Nodes};
use crate::target::Target;

/// The products of all values that an element names, in the four blocks of two spaces.
#[op2::kernel]
fn products(
    f: &[f64; 1],
    g: &[f64; 2],
    ff: Inc<[[f64; 1]; 1]>,
    fg: Inc<[[f64; 2]; 1]>,
    gf: Inc<[[f64; 1]; 2]>,
    gg: Inc<[[f64; 2]; 2]>,
) {
    ff[0][0] += f[0] * f[0];
    for i in 0..2 {
        fg[0][i] += f[0] * g[i];
        gf[i][0] += g[i] * f[0];
        for j in 0..2 {
            gg[i][j] += g[i] * g[j];
        }
    }
}

/// `PyOP2`'s mixed matrix: spaces of 3 and 4, maps `i` and `(i, i + 1)`, local tensor `d_i d_j`.
pub fn a_mixed_matrix_has_the_known_blocks(target: &Target) {
    let cx = target.context();
    let (cells, edges, nodes) =
        (cx.set::<Cells>(3).unwrap(), cx.set::<Edges>(3).unwrap(), cx.set::<Nodes>(4).unwrap());
    let (ones, twos) = ([[0], [1], [2]], [[0, 1], [1, 2], [2, 3]]);
    let to_edges: Map<Cells, Edges, 1> = cx.map("to_edges", &cells, &edges, ones).unwrap();
    let to_nodes: Map<Cells, Nodes, 2> = cx.map("to_nodes", &cells, &nodes, twos).unwrap();
    let maps = (&to_edges, &to_nodes);
    let ((ee, en), (ne, nn)) = Sparsity::mixed(&maps, &maps).unwrap();
    let a: Mat<Edges, Edges, f64> = cx.mat("ee", &ee).unwrap();
    let b: Mat<Edges, Nodes, f64> = cx.mat("en", &en).unwrap();
    let c: Mat<Nodes, Edges, f64> = cx.mat("ne", &ne).unwrap();
    let d: Mat<Nodes, Nodes, f64> = cx.mat("nn", &nn).unwrap();
    let f = cx.dat("f", &edges, [1.0, 2.0, 3.0]).unwrap();
    let g = cx.dat("g", &nodes, [1.0, 2.0, 3.0, 4.0]).unwrap();
    par_loop!(
        products,
        cells,
        f(Read, to_edges),
        g(Read, to_nodes),
        a(Inc, to_edges, to_edges),
        b(Inc, to_edges, to_nodes),
        c(Inc, to_nodes, to_edges),
        d(Inc, to_nodes, to_nodes)
    )
    .unwrap();
    let grid = ((&a, &b), (&c, &d));
    let merged = grid.merged().unwrap();
    let dense: Vec<Vec<f64>> = (0..7)
        .map(|i| (0..7).map(|j| merged.get(i, j).copied().unwrap_or(0.0)).collect())
        .collect();
    let expected = [
        [1.0, 0.0, 0.0, 1.0, 2.0, 0.0, 0.0],
        [0.0, 4.0, 0.0, 0.0, 4.0, 6.0, 0.0],
        [0.0, 0.0, 9.0, 0.0, 0.0, 9.0, 12.0],
        [1.0, 0.0, 0.0, 1.0, 2.0, 0.0, 0.0],
        [2.0, 4.0, 0.0, 2.0, 8.0, 6.0, 0.0],
        [0.0, 6.0, 9.0, 0.0, 6.0, 18.0, 12.0],
        [0.0, 0.0, 12.0, 0.0, 0.0, 12.0, 16.0],
    ];
    assert_eq!(dense, expected);
    assert_eq!(c.transpose("ne^T").unwrap().to_csr().unwrap(), b.to_csr().unwrap());
    let mut file = Vec::new();
    grid.write_merged(&mut file).unwrap();
    // Of ranks, the first writes.
    assert!(cx.rank() > 0 || String::from_utf8(file).unwrap().contains("\n7 7 25\n"));

    // The product with a vector, and parts of the grid: 1 x 2 and 2 x 1.
    let x = (cx.dat("x", &edges, [1.0, 2.0, 3.0]).unwrap(), cx.dat("y", &nodes, [1.0; 4]).unwrap());
    let z: (Dat<Edges, f64>, Dat<Nodes, f64>) =
        (cx.dat_zeros("z", &edges).unwrap(), cx.dat_zeros("w", &nodes).unwrap());
    LinearOperator::apply(&grid, &x, &z).unwrap();
    assert_eq!(z.0.to_vec().unwrap(), [4.0, 18.0, 48.0]);
    assert_eq!(z.1.to_vec().unwrap(), [4.0, 26.0, 75.0, 64.0]);
    let top = (z.0.clone(),);
    LinearOperator::apply(&((&a, &b),), &x, &top).unwrap();
    assert_eq!(top.0.to_vec().unwrap(), [4.0, 18.0, 48.0]);
    LinearOperator::apply(&((&a,), (&c,)), &(x.0.clone(),), &z).unwrap();
    assert_eq!(z.1.to_vec().unwrap(), [1.0, 10.0, 39.0, 36.0]);
}

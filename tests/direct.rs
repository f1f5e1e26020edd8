//! Direct solvers on matrices of meshes: numbers, blocks, mixed spaces, renumbered sets.
#![cfg(feature = "direct")]

use op2::matrix::Entry;
use op2::prelude::*;
use op2::solve::direct::{Cholesky, Lu};

op2::sets! { Nodes; Cells; Links; }

const LEN: usize = 60;

/// Nodes on a line, numbered crosswise, each coupled to its neighbors.
struct Line {
    cx: Context,
    nodes: Set<Nodes>,
    links: Vec<[u32; 2]>,
}

impl Line {
    fn new() -> Self {
        let cx = Context::builder().build().unwrap();
        let nodes = cx.set::<Nodes>(LEN).unwrap();
        let number = |i: usize| (i * 7 % LEN) as u32;
        let links = (1..LEN).map(|i| [number(i - 1), number(i)]).collect();
        Self { cx, nodes, links }
    }

    fn matrix<T: Entry>(
        &self,
        name: &str,
        diagonal: T,
        [before, after]: [T; 2],
    ) -> Mat<Nodes, Nodes, T> {
        let places: Vec<_> = self.links.iter().flat_map(|&[a, b]| [(a, b), (b, a)]).collect();
        let sparsity = Sparsity::from_list(&self.nodes, &self.nodes, &places).unwrap();
        let a = self.cx.mat(name, &sparsity).unwrap();
        (0..LEN as u32).for_each(|node| a.set(node, node, diagonal).unwrap());
        for &[from, to] in &self.links {
            a.set(to, from, before).unwrap();
            a.set(from, to, after).unwrap();
        }
        a
    }

    fn exact(&self) -> Dat<Nodes, f64> {
        let values: Vec<f64> = (0..LEN).map(|i| (i as f64).sin()).collect();
        self.cx.dat("exact", &self.nodes, values).unwrap()
    }
}

fn assert_near(found: &[f64], exact: &[f64]) {
    assert_eq!(found.len(), exact.len());
    let error = found.iter().zip(exact).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(error < 1e-10, "off by {error}");
}

#[test]
fn one_factorization_solves_many_systems() {
    let line = Line::new();
    let a = line.matrix("A", 2.0, [-1.0; 2]);
    let exact = line.exact();
    let (b, mut u) = (exact.like("b").unwrap(), exact.like("u").unwrap());
    let (cholesky, lu) = (Cholesky::new(&a).unwrap(), Lu::new(&a).unwrap());
    a.zero().unwrap();
    let again = line.matrix("again", 2.0, [-1.0; 2]);
    for factor in [1.0, -3.0] {
        op2::builtins::scale(factor, &exact).unwrap();
        again.multiply(&exact, &b).unwrap();
        cholesky.solve(&b, &mut u).unwrap();
        assert_near(&u.read().unwrap(), &exact.read().unwrap());
        lu.solve(&b, &mut u).unwrap();
        assert_near(&u.read().unwrap(), &exact.read().unwrap());
    }
}

#[test]
fn nonsymmetric_matrices_and_renumbered_sets() {
    let line = Line::new();
    let links = line.cx.set::<Links>(line.links.len()).unwrap();
    let ends: Map<Links, Nodes, 2> = line.cx.map("ends", &links, &line.nodes, &line.links).unwrap();
    line.cx.reorder(&Reorder::cuthill_mckee(&ends)).unwrap();
    let a = line.matrix("A", 2.0, [-1.5, -0.5]);
    let exact = line.exact();
    let (b, mut u) = (exact.like("b").unwrap(), exact.like("u").unwrap());
    a.multiply(&exact, &b).unwrap();
    Lu::new(&a).unwrap().solve(&b, &mut u).unwrap();
    assert_near(&u.read().unwrap(), &exact.read().unwrap());
    let error = Cholesky::new(&a).err().unwrap().to_string();
    assert!(error.contains("it is not symmetric"), "{error}");
}

#[test]
fn blocks_are_spread_out() {
    let line = Line::new();
    let a = line.matrix("A", [[4.0, 1.0], [1.0, 3.0]], [[[-1.0, -0.5], [-0.5, -1.0]]; 2]);
    let values: Vec<[f64; 2]> = (0..LEN).map(|i| [i as f64, 1.0]).collect();
    let exact = line.cx.dat("exact", &line.nodes, &values).unwrap();
    let (b, mut u) = (exact.like("b").unwrap(), exact.like("u").unwrap());
    a.multiply(&exact, &b).unwrap();
    Cholesky::new(&a).unwrap().solve(&b, &mut u).unwrap();
    assert_near(u.read().unwrap().as_flattened(), values.as_flattened());
}

#[test]
fn mixed_systems_are_factorized() {
    let line = Line::new();
    let cells = line.cx.set::<Cells>(1).unwrap();
    // Singular alone: constants are not seen, until their sum is prescribed.
    let a = line.matrix("A", 2.0, [-1.0; 2]);
    for end in [line.links[0][0], line.links[LEN - 2][1]] {
        a.set(end, end, 1.0).unwrap();
    }
    let error = Lu::new(&a).err().unwrap().to_string();
    assert!(error.ends_with("it is singular to working precision"), "{error}");
    let places: Vec<_> = (0..LEN as u32).map(|node| (0, node)).collect();
    let sum: Mat<Cells, Nodes, f64> =
        line.cx.mat("sum", &Sparsity::from_list(&cells, &line.nodes, &places).unwrap()).unwrap();
    places.iter().for_each(|&(row, col)| sum.set(row, col, 1.0).unwrap());
    let sum_t = sum.transpose("sum^T").unwrap();
    let saddle = ((&a, &sum_t), (&sum, ()));
    let exact = (line.exact(), line.cx.dat("p", &cells, [2.0]).unwrap());
    let b = (exact.0.like("b").unwrap(), exact.1.like("c").unwrap());
    let mut u = (exact.0.like("u").unwrap(), exact.1.like("q").unwrap());
    saddle.apply(&exact, &b).unwrap();
    Lu::new(&saddle).unwrap().solve(&b, &mut u).unwrap();
    assert_near(&u.0.read().unwrap(), &exact.0.read().unwrap());
    assert_near(&u.1.read().unwrap(), &[2.0]);
}

#[test]
fn single_precision_and_wrong_lengths() {
    let line = Line::new();
    let a = line.matrix("A", 4.0_f32, [-1.0; 2]);
    let b = line.cx.dat("b", &line.nodes, vec![1.0_f32; LEN]).unwrap();
    let (mut u, r) = (b.like("u").unwrap(), b.like("r").unwrap());
    let cholesky = Cholesky::new(&a).unwrap();
    cholesky.solve(&b, &mut u).unwrap();
    a.multiply(&u, &r).unwrap();
    assert!(r.read().unwrap().iter().all(|r| (r - 1.0).abs() < 1e-5));
    let cells = line.cx.set::<Cells>(3).unwrap();
    let mut short = line.cx.dat("short", &cells, vec![1.0_f32; 3]).unwrap();
    let error = cholesky.solve(&short.clone(), &mut short).unwrap_err().to_string();
    assert!(error.contains("it has 60 rows, the right-hand side 3 numbers"), "{error}");
}

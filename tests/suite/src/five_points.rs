//! Matrices filled by hand: each node of a square is coupled with those left, right, below and above.

use op2::matrix::Entry;
use op2::prelude::*;

use crate::meshes::{Edges, Nodes, random_values};

/// Nodes of a square of `side` x `side`, numbered by rows or at random, and a matrix of five points.
pub(crate) struct Square {
    pub(crate) cx: Context,
    pub(crate) nodes: Set<Nodes>,
    /// The two nodes of each coupling: on ranks, the owner of a row stores the columns that maps name
    /// beside it.
    pub(crate) ends: Map<Edges, Nodes, 2>,
    numbers: Vec<u32>,
    side: usize,
}

/// Weights of the five points: center, left, right, below, above.
pub(crate) type Weights = [f64; 5];

pub(crate) const LAPLACIAN: Weights = [4.0, -1.0, -1.0, -1.0, -1.0];
/// Diffusion, and a wind to the right.
pub(crate) const CONVECTION: Weights = [4.5, -1.4, -0.9, -1.1, -1.0];
/// The Laplacian minus twice the identity has eigenvalues of both signs.
pub(crate) const INDEFINITE: Weights = [2.0, -1.0, -1.0, -1.0, -1.0];

impl Square {
    pub(crate) fn new(cx: Context, side: usize) -> Self {
        Self::numbered(cx, side, (0..(side * side) as u32).collect())
    }

    pub(crate) fn numbered(cx: Context, side: usize, numbers: Vec<u32>) -> Self {
        let nodes = cx.set::<Nodes>(side * side).unwrap();
        let couplings = couplings(side, &numbers, LAPLACIAN);
        let pairs: Vec<[u32; 2]> = couplings.iter().map(|&(row, col, _)| [row, col]).collect();
        let edges = cx.set::<Edges>(pairs.len()).unwrap();
        let ends = cx.map("ends", &edges, &nodes, &pairs).unwrap();
        Self { cx, nodes, ends, numbers, side }
    }

    pub(crate) fn matrix<T: Entry>(
        &self,
        weights: Weights,
        value: impl Fn(f64, bool) -> T,
    ) -> Mat<Nodes, Nodes, T> {
        let couplings = couplings(self.side, &self.numbers, weights);
        let places: Vec<_> = couplings.iter().map(|&(row, col, _)| (row, col)).collect();
        let sparsity = Sparsity::from_list(&self.nodes, &self.nodes, &places).unwrap();
        let free =
            (1..).map(|i| format!("A{i}")).find_map(|name| self.cx.mat(&name, &sparsity).ok());
        let a = free.unwrap();
        let mut entries = a.write().unwrap();
        for (row, col, weight) in couplings {
            entries.set(row, col, value(weight, row == col)).unwrap();
        }
        drop(entries);
        a
    }

    pub(crate) fn numbers_matrix(&self, weights: Weights) -> Mat<Nodes, Nodes, f64> {
        self.matrix(weights, |weight, _| weight)
    }

    /// Two components that are coupled in each node.
    pub(crate) fn blocks_matrix(&self, weights: Weights) -> Mat<Nodes, Nodes, [[f64; 2]; 2]> {
        self.matrix(weights, |weight, diagonal| {
            let coupled = if diagonal { 0.1 } else { 0.0 };
            [[weight, coupled], [coupled, 2.0 * weight]]
        })
    }

    /// What the solution is to be, and a right-hand side for it.
    pub(crate) fn problem(&self, a: &Mat<Nodes, Nodes, f64>) -> (Vec<f64>, Dat<Nodes, f64>) {
        let x = random_values(self.nodes.size(), 5);
        let exact = self.cx.dat("x", &self.nodes, &x).unwrap();
        let b = exact.like("b").unwrap();
        a.multiply(&exact, &b).unwrap();
        (x, b)
    }
}

/// Pairs of nodes and the weight that couples them.
fn couplings(side: usize, numbers: &[u32], weights: Weights) -> Vec<(u32, u32, f64)> {
    let node = |i: usize, j: usize| numbers[j * side + i];
    let mut couplings = Vec::new();
    for j in 0..side {
        for i in 0..side {
            let row = node(i, j);
            couplings.push((row, row, weights[0]));
            if i > 0 {
                couplings.push((row, node(i - 1, j), weights[1]));
            }
            if i + 1 < side {
                couplings.push((row, node(i + 1, j), weights[2]));
            }
            if j > 0 {
                couplings.push((row, node(i, j - 1), weights[3]));
            }
            if j + 1 < side {
                couplings.push((row, node(i, j + 1), weights[4]));
            }
        }
    }
    couplings
}

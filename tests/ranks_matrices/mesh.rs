//! The mesh of these tests: a square of triangles, its matrices, and ways to share it.

use op2::Result;
use op2::prelude::*;

op2::sets! {
    pub(crate) Nodes;
    pub(crate) Cells;
    pub(crate) Others;
}

/// Squares in each direction, each cut into two triangles.
const SIDE: usize = 7;
pub(crate) const NODES: usize = (SIDE + 1) * (SIDE + 1);

/// How elements are shared.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Parts {
    Blocks,
    Boxes,
    /// Cells and nodes anywhere.
    Scattered,
    /// Everything on the last rank.
    OneRank,
}

pub(crate) struct Mesh {
    pub(crate) cx: Context,
    pub(crate) nodes: Set<Nodes>,
    pub(crate) cells: Set<Cells>,
    pub(crate) corners: Map<Cells, Nodes, 3>,
    pub(crate) itself: Map<Cells, Cells, 1>,
    pub(crate) x: Dat<Nodes, [f64; 2]>,
}

impl Mesh {
    pub(crate) fn new(cx: Context, parts: Parts) -> Result<Self> {
        // Numbers that say nothing of the place.
        let number = |i: usize, j: usize| ((i * (SIDE + 1) + j) * 37 % NODES) as u32;
        let squares = (0..SIDE).flat_map(|i| (0..SIDE).map(move |j| (i, j)));
        let triangles: Vec<[u32; 3]> = squares
            .flat_map(|(i, j)| {
                let [a, b] = [number(i, j), number(i + 1, j)];
                let [c, d] = [number(i, j + 1), number(i + 1, j + 1)];
                [[a, b, d], [a, d, c]]
            })
            .collect();
        let mut points = vec![[0.0; 2]; NODES];
        for (i, j) in (0..=SIDE).flat_map(|i| (0..=SIDE).map(move |j| (i, j))) {
            let (x, y) = (i as f64 / SIDE as f64, j as f64 / SIDE as f64);
            points[number(i, j) as usize] =
                [x + 0.03 * (5.0 * y).sin(), y + 0.02 * (4.0 * x).sin()];
        }
        let (nodes, cells) = (cx.set::<Nodes>(NODES)?, cx.set::<Cells>(triangles.len())?);
        let corners = cx.map("corners", &cells, &nodes, &triangles)?;
        let same: Vec<[u32; 1]> = (0..triangles.len() as u32).map(|cell| [cell]).collect();
        let itself = cx.map("itself", &cells, &cells, same)?;
        let x = cx.dat("x", &nodes, points)?;
        let ranks = cx.ranks();
        let anywhere = |i: usize| match parts {
            Parts::OneRank => ranks - 1,
            _ => (i * i * 7 + i / 3) % ranks,
        };
        let request = match parts {
            Parts::Blocks => Partition::blocks(&cells),
            Parts::Boxes => Partition::rcb_of(&corners, &x),
            Parts::Scattered | Parts::OneRank => {
                let ranks: Vec<u32> = (0..triangles.len()).map(|i| anywhere(i) as u32).collect();
                Partition::given(&cx.dat("ranks", &cells, ranks)?)
            }
        };
        cx.partition(&request)?;
        Ok(Self { cx, nodes, cells, corners, itself, x })
    }

    /// Stiffness, plus `shift` times mass, plus `wind` times the derivative in x.
    pub(crate) fn matrix(
        &self,
        name: &str,
        shift: f64,
        wind: f64,
    ) -> Result<Mat<Nodes, Nodes, f64>> {
        let Self { cells, corners, x, .. } = self;
        let a = self.cx.mat(name, &Sparsity::new(&(corners, corners))?)?;
        let weights = [shift, wind];
        par_loop!(element, cells, a(Inc, corners, corners), x(Read, corners), weights(Read))?;
        Ok(a)
    }

    /// A row for each cell, a column for each node.
    pub(crate) fn coupling(&self, name: &str) -> Result<Mat<Cells, Nodes, f64>> {
        let Self { cells, corners, itself, x, .. } = self;
        let b = self.cx.mat(name, &Sparsity::new(&(itself, corners))?)?;
        par_loop!(couple, cells, index(), b(Inc, itself, corners), x(Read, corners))?;
        Ok(b)
    }

    pub(crate) fn on_nodes(&self, name: &str, seed: usize) -> Result<Dat<Nodes, f64>> {
        let values: Vec<f64> = (0..NODES).map(|i| ((i * i + seed) as f64).sin()).collect();
        self.cx.dat(name, &self.nodes, values)
    }

    pub(crate) fn on_cells(&self, name: &str) -> Result<Dat<Cells, f64>> {
        let values: Vec<f64> = (0..self.cells.size()).map(|i| ((i * 3) as f64).cos()).collect();
        self.cx.dat(name, &self.cells, values)
    }

    /// Nodes on the left side, and one in the middle.
    pub(crate) fn fixed(&self) -> Result<Vec<u32>> {
        let middle = NODES as u32 / 2;
        let x = self.x.to_vec()?;
        Ok((0..NODES as u32).filter(|&i| x[i as usize][0] < 0.035 || i == middle).collect())
    }
}

#[op2::function]
fn twice_area(x: &[[f64; 2]; 3]) -> f64 {
    (x[1][0] - x[0][0]) * (x[2][1] - x[0][1]) - (x[2][0] - x[0][0]) * (x[1][1] - x[0][1])
}

#[op2::kernel]
fn element(a: Inc<[[f64; 3]; 3]>, x: &[[f64; 2]; 3], weights: &[f64; 2]) {
    let area = 0.5 * twice_area(x);
    let mut grad = [[0.0; 2]; 3];
    for i in 0..3 {
        let j = (i + 1) % 3;
        let k = (i + 2) % 3;
        grad[i][0] = (x[j][1] - x[k][1]) / (2.0 * area);
        grad[i][1] = (x[k][0] - x[j][0]) / (2.0 * area);
    }
    for i in 0..3 {
        for j in 0..3 {
            let mass = if i == j { area / 6.0 } else { area / 12.0 };
            let stiffness = area * (grad[i][0] * grad[j][0] + grad[i][1] * grad[j][1]);
            a[i][j] += stiffness + weights[0] * mass + weights[1] * area / 3.0 * grad[j][0];
        }
    }
}

#[op2::kernel]
fn couple(cell: &u64, b: Inc<[[f64; 3]; 1]>, x: &[[f64; 2]; 3]) {
    for j in 0..3 {
        b[0][j] += twice_area(x) * (1 + j) as f64 + 0.001 * *cell as f64;
    }
}

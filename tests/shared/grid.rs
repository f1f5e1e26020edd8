//! A grid of cells, and the ways in which tests share it among ranks.

use op2::prelude::*;

op2::sets! {
    pub(crate) Nodes;
    pub(crate) Edges;
    pub(crate) Cells;
}

/// A grid of `n` x `n` cells with the edges between them; cells and edges have scrambled numbers.
pub(crate) struct Grid {
    pub(crate) nodes: Set<Nodes>,
    pub(crate) edges: Set<Edges>,
    pub(crate) cells: Set<Cells>,
    pub(crate) edge_nodes: Map<Edges, Nodes, 2>,
    pub(crate) edge_cells: Map<Edges, Cells, 2>,
    pub(crate) cell_nodes: Map<Cells, Nodes, 4>,
    pub(crate) x: Dat<Nodes, [f64; 2]>,
}

impl Grid {
    pub(crate) fn new(cx: &Context, n: u32) -> op2::Result<Self> {
        let (edge_nodes, edge_cells): (Vec<_>, Vec<_>) = edges(n).into_iter().unzip();
        let points: Vec<[f64; 2]> =
            places(n + 1).map(|(i, j)| [f64::from(i), f64::from(j)]).collect();
        let nodes = cx.set::<Nodes>(points.len())?;
        let edges = cx.set::<Edges>(edge_nodes.len())?;
        let cells = cx.set::<Cells>((n * n) as usize)?;
        Ok(Self {
            edge_nodes: cx.map("edge_nodes", &edges, &nodes, edge_nodes)?,
            edge_cells: cx.map("edge_cells", &edges, &cells, edge_cells)?,
            cell_nodes: cx.map("cell_nodes", &cells, &nodes, corners(n))?,
            x: cx.dat("x", &nodes, points)?,
            nodes,
            edges,
            cells,
        })
    }

    /// Gives the grid to the ranks, one way or another. Collective.
    pub(crate) fn share(&self, cx: &Context, way: Way) -> op2::Result<()> {
        let given = |rank: &dyn Fn(u32) -> u32| -> op2::Result<Partition> {
            let ranks: Vec<u32> = (0..self.cells.size() as u32).map(rank).collect();
            Ok(Partition::given(&cx.dat("ranks", &self.cells, ranks)?))
        };
        let ranks = cx.ranks() as u32;
        let partition = match way {
            Way::Nothing => return Ok(()),
            Way::Boxes => Partition::rcb(&self.x),
            Way::CellBoxes => Partition::rcb_of(&self.cell_nodes, &self.x),
            Way::Scattered => given(&|cell| cell.wrapping_mul(2_654_435_761) % ranks)?,
            Way::OnTheLast => given(&|_| ranks - 1)?,
            #[cfg(feature = "metis")]
            Way::Graph => Partition::kway(&self.edge_cells),
        };
        let quality = cx.partition(&partition)?;
        assert_eq!(quality.neighbors.len(), ranks as usize, "{way:?}");
        Ok(())
    }
}

/// How a test shares the grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Way {
    /// Equal blocks of all sets, which nobody has asked for.
    Nothing,
    /// Boxes of nodes.
    Boxes,
    /// Boxes of cells.
    CellBoxes,
    /// Neighbors are everywhere.
    Scattered,
    /// The other ranks have nothing.
    OnTheLast,
    /// Parts of the graph of cells.
    #[cfg(feature = "metis")]
    Graph,
}

pub(crate) const WAYS: &[Way] = &[
    Way::Nothing,
    Way::Boxes,
    Way::CellBoxes,
    Way::Scattered,
    Way::OnTheLast,
    #[cfg(feature = "metis")]
    Way::Graph,
];

fn places(n: u32) -> impl Iterator<Item = (u32, u32)> {
    (0..n).flat_map(move |j| (0..n).map(move |i| (i, j)))
}

/// Nodes are numbered along rows.
fn node(n: u32, i: u32, j: u32) -> u32 {
    i + j * (n + 1)
}

/// Scrambled in stretches of some rows, so that blocks of numbers meet several others.
fn cell(n: u32, i: u32, j: u32) -> u32 {
    const STRETCH: u32 = 97;
    let number = i + j * n;
    let (stretch, within) = (number / STRETCH, number % STRETCH);
    if (stretch + 1) * STRETCH > n * n { number } else { stretch * STRETCH + within * 31 % STRETCH }
}

/// The ends of inner edges, and the cells beside them.
fn edges(n: u32) -> Vec<([u32; 2], [u32; 2])> {
    let upright = places(n)
        .filter(|(i, _)| *i > 0)
        .map(|(i, j)| ([node(n, i, j), node(n, i, j + 1)], [cell(n, i - 1, j), cell(n, i, j)]));
    let level = places(n)
        .filter(|(_, j)| *j > 0)
        .map(|(i, j)| ([node(n, i, j), node(n, i + 1, j)], [cell(n, i, j - 1), cell(n, i, j)]));
    let mut edges: Vec<_> = upright.chain(level).collect();
    edges.sort_by_key(|(nodes, _)| nodes[0] / 3 + nodes[1] % 7 * 5);
    edges
}

/// The corners of each cell.
fn corners(n: u32) -> Vec<[u32; 4]> {
    let mut corners = vec![[0; 4]; (n * n) as usize];
    for (i, j) in places(n) {
        corners[cell(n, i, j) as usize] =
            [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)].map(|(i, j)| node(n, i, j));
    }
    corners
}

//! A small mesh of squares.

use op2::prelude::*;

op2::sets! {
    /// Corners of the cells.
    pub Nodes;
    /// Sides of the cells.
    pub Edges;
    /// Squares.
    pub Cells;
}

/// Cells of the mesh in each direction.
const SIDE: (usize, usize) = (23, 17);

/// Squares of a grid, whose numbers say nothing of where they are.
pub(super) struct Mesh {
    pub(super) nodes: Set<Nodes>,
    pub(super) edges: Set<Edges>,
    pub(super) cells: Set<Cells>,
    pub(super) cell_nodes: Map<Cells, Nodes, 4>,
    pub(super) edge_nodes: Map<Edges, Nodes, 2>,
    pub(super) edge_cells: Map<Edges, Cells, 2>,
    pub(super) x: Dat<Nodes, [f64; 2]>,
}

impl Mesh {
    pub(super) fn new(cx: &Context) -> op2::Result<Self> {
        let (width, height) = SIDE;
        let node = |i: usize, j: usize| shuffled(i + j * (width + 1), (width + 1) * (height + 1));
        let cell = |i: usize, j: usize| shuffled(i + j * width, width * height);
        let places = |height| (0..height).flat_map(move |j| (0..width).map(move |i| (i, j)));
        let mut corners = vec![[0; 4]; width * height];
        for (i, j) in places(height) {
            corners[cell(i, j) as usize] =
                [node(i, j), node(i + 1, j), node(i + 1, j + 1), node(i, j + 1)];
        }
        // Sides between two cells one above the other; those of the last row meet themselves.
        let up = |j: usize| (j + 1).min(height - 1);
        let ends = places(height).map(|(i, j)| [node(i, j + 1), node(i + 1, j + 1)]);
        let meets = places(height).map(|(i, j)| [cell(i, j), cell(i, up(j))]);
        let (ends, meets): (Vec<_>, Vec<_>) = (ends.collect(), meets.collect());
        let nodes = cx.set::<Nodes>((width + 1) * (height + 1))?;
        let edges = cx.set::<Edges>(ends.len())?;
        let cells = cx.set::<Cells>(corners.len())?;
        let x = (0..nodes.size()).map(|k| [whole(k), whole(k + 7)]);
        Ok(Self {
            cell_nodes: cx.map("cell_nodes", &cells, &nodes, corners)?,
            edge_nodes: cx.map("edge_nodes", &edges, &nodes, ends)?,
            edge_cells: cx.map("edge_cells", &edges, &cells, meets)?,
            x: cx.dat("x", &nodes, x.collect::<Vec<_>>())?,
            nodes,
            edges,
            cells,
        })
    }
}

/// One of `0..len`, another one for each.
pub(super) fn shuffled(k: usize, len: usize) -> u32 {
    // Of no common divisor with any length here.
    ((k * 101 + 13) % len) as u32
}

pub(super) fn whole(k: usize) -> f64 {
    (k * 31 % 11) as f64 - 4.0
}

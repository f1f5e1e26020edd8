//! Meshes, and ways to spread their elements over ranks.

use std::sync::Arc;

use crate::base::blocks::block_range;
use crate::base::comm::Comm;
use crate::base::error::Result;
use crate::dist::threads;

/// Who owns the elements at first.
#[derive(Clone, Copy, Debug)]
pub(super) enum Spread {
    /// Contiguous blocks.
    Blocks,
    /// One to each rank in turn.
    Cyclic,
    /// All on the last rank; the others are empty.
    OnLast,
    /// By a hash, listed backwards.
    Scattered,
}

pub(super) const SPREADS: [Spread; 4] =
    [Spread::Blocks, Spread::Cyclic, Spread::OnLast, Spread::Scattered];

impl Spread {
    /// The elements of one rank.
    pub(super) fn owned(self, size: u64, comm: &dyn Comm) -> Vec<u64> {
        let (ranks, rank) = (comm.size() as u64, comm.rank() as u64);
        match self {
            Self::Blocks => block_range(size, comm.size(), comm.rank()).collect(),
            Self::Cyclic => (rank..size).step_by(comm.size()).collect(),
            Self::OnLast if rank + 1 == ranks => (0..size).collect(),
            Self::OnLast => Vec::new(),
            Self::Scattered => (0..size).rev().filter(|&e| hash(e) % ranks == rank).collect(),
        }
    }
}

/// What `partition` gives for the elements that a rank owns, in the order of the elements. Run on 1 to 6
/// ranks, with all spreads; all answers must be the same.
pub(super) fn on_all(
    size: u64,
    partition: impl Fn(&dyn Comm, Spread, &[u64]) -> Result<Vec<u32>> + Sync,
) -> Result<Vec<u32>> {
    let mut first = None;
    for ranks in 1..=6 {
        for spread in SPREADS {
            let answer = on(ranks, spread, size, &partition).map_err(|error| error.to_string());
            let first = first.get_or_insert_with(|| answer.clone());
            // On one rank, errors do not say on which.
            let same = *first == answer || first.is_err() && answer.is_err();
            assert!(same, "{ranks} ranks, {spread:?}:\n{first:?}\n{answer:?}");
        }
    }
    first.expect("something was run").map_err(crate::base::error::Error::Other)
}

/// The same for a number of ranks and a spread.
pub(super) fn on(
    ranks: usize,
    spread: Spread,
    size: u64,
    partition: impl Fn(&dyn Comm, Spread, &[u64]) -> Result<Vec<u32>> + Sync,
) -> Result<Vec<u32>> {
    let answers = threads::run(ranks, |comm: Arc<dyn Comm>| {
        let owned = spread.owned(size, &*comm);
        let parts = partition(&*comm, spread, &owned)?;
        assert_eq!(owned.len(), parts.len());
        Ok((owned, parts))
    })?;
    let mut all = vec![u32::MAX; size as usize];
    for (owned, parts) in answers {
        for (element, part) in owned.into_iter().zip(parts) {
            all[element as usize] = part;
        }
    }
    Ok(all)
}

/// How many elements each part has.
pub(super) fn sizes(parts: &[u32], num_parts: usize) -> Vec<usize> {
    let mut sizes = vec![0; num_parts];
    parts.iter().for_each(|&part| sizes[part as usize] += 1);
    sizes
}

/// A mesh of triangles.
pub(super) struct Triangles {
    pub(super) points: Vec<[f64; 2]>,
    pub(super) edge_nodes: Vec<[u64; 2]>,
    /// The triangles on both sides; twice the same at the boundary.
    pub(super) edge_cells: Vec<[u64; 2]>,
    pub(super) cell_nodes: Vec<[u64; 3]>,
}

impl Triangles {
    /// A grid of squares, cut in two; bent to a ring if `ring`, where the last column of nodes is the first.
    fn of_grid(columns: u64, rows: u64, ring: bool, at: impl Fn(f64, f64) -> [f64; 2]) -> Self {
        let node_columns = if ring { columns } else { columns + 1 };
        let node = |i: u64, j: u64| j * node_columns + i % node_columns;
        let (mut points, mut cell_nodes) = (Vec::new(), Vec::new());
        for j in 0..=rows {
            for i in 0..node_columns {
                points.push(at(i as f64 / columns as f64, j as f64 / rows as f64));
            }
        }
        for j in 0..rows {
            for i in 0..columns {
                let [a, b, c, d] = [node(i, j), node(i + 1, j), node(i + 1, j + 1), node(i, j + 1)];
                cell_nodes.extend([[a, b, c], [a, c, d]]);
            }
        }
        let (edge_nodes, edge_cells) = edges(&cell_nodes);
        Self { points, edge_nodes, edge_cells, cell_nodes }
    }

    /// The unit square.
    pub(super) fn square(columns: u64, rows: u64) -> Self {
        Self::of_grid(columns, rows, false, |x, y| [x, y])
    }

    /// The ring between radii 1 and 2.
    pub(super) fn annulus(columns: u64, rows: u64) -> Self {
        Self::of_grid(columns, rows, true, |x, y| {
            let (sin, cos) = (std::f64::consts::TAU * x).sin_cos();
            [(1.0 + y) * cos, (1.0 + y) * sin]
        })
    }

    /// The middles of the triangles.
    pub(super) fn centers(&self) -> Vec<[f64; 2]> {
        let center = |nodes: &[u64; 3]| {
            let corners = nodes.map(|node| self.points[node as usize]);
            [0, 1].map(|axis| corners.iter().map(|corner| corner[axis]).sum::<f64>() / 3.0)
        };
        self.cell_nodes.iter().map(center).collect()
    }

    /// Edges between triangles of two parts.
    pub(super) fn cut(&self, parts: &[u32]) -> usize {
        let is_cut = |cells: &&[u64; 2]| parts[cells[0] as usize] != parts[cells[1] as usize];
        self.edge_cells.iter().filter(is_cut).count()
    }
}

/// The edges of triangles: their nodes, and the triangles on both sides.
fn edges(cell_nodes: &[[u64; 3]]) -> (Vec<[u64; 2]>, Vec<[u64; 2]>) {
    let mut sides: Vec<([u64; 2], u64)> = Vec::new();
    for (cell, [a, b, c]) in (0..).zip(cell_nodes) {
        let ordered = |a: &u64, b: &u64| [*a.min(b), *a.max(b)];
        sides.extend([ordered(a, b), ordered(b, c), ordered(c, a)].map(|side| (side, cell)));
    }
    sides.sort_unstable();
    let same = sides.chunk_by(|a, b| a.0 == b.0);
    same.map(|same| (same[0].0, [same[0].1, same[same.len() - 1].1])).unzip()
}

/// The rows of some elements, one after the other.
pub(super) fn rows<const N: usize>(table: &[[u64; N]], elements: &[u64]) -> Vec<u64> {
    elements.iter().flat_map(|&element| table[element as usize]).collect()
}

/// Numbers without a pattern, the same in every run.
pub(super) fn hash(number: u64) -> u64 {
    let mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Points in the unit cube.
pub(super) fn random_points<const D: usize>(count: u64) -> Vec<[f64; D]> {
    let coordinate = |number: u64| (hash(number) >> 11) as f64 / (1_u64 << 53) as f64;
    let point = |i: u64| std::array::from_fn(|axis| coordinate(i * D as u64 + axis as u64));
    (0..count).map(point).collect()
}

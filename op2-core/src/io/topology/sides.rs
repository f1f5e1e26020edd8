//! Facets as the cells see them, and which of them are one facet.

use super::TopologyError;
use crate::io::mesh::Mesh;
use crate::io::shape::Shape;

/// Fills up the corners of facets that have less than four.
const NO_NODE: u32 = u32::MAX;

/// A facet as one cell sees it.
pub(in crate::io) struct Side {
    key: [u32; 4],
    pub(in crate::io) cell: u32,
    pub(in crate::io) local: u8,
}

/// The facets of all cells of a mesh; equal ones follow each other, lowest cell first.
pub(in crate::io) fn sides(mesh: &Mesh) -> Vec<Side> {
    let blocks = mesh.blocks_of_dim(mesh.cell_dim());
    sides_of(blocks.flat_map(|block| block.iter().map(|cell| (block.shape, cell))))
}

/// The facets of these cells, which are numbered as they come; ordered as by [`sides`].
pub(in crate::io) fn sides_of<'a>(cells: impl Iterator<Item = (Shape, &'a [u32])>) -> Vec<Side> {
    let mut sides = Vec::new();
    for (number, (shape, cell)) in (0..).zip(cells) {
        for (local, facet) in (0..).zip(shape.facets()) {
            let key = sorted(corners(cell, facet));
            sides.push(Side { key, cell: number, local });
        }
    }
    sides.sort_unstable_by_key(|side| (side.key, side.cell, side.local));
    sides
}

/// The sides of one facet after the other.
pub(in crate::io) fn facets(sides: &[Side]) -> impl Iterator<Item = &[Side]> {
    sides.chunk_by(|a, b| a.key == b.key)
}

/// Whether a facet with these corners is among the sides.
pub(in crate::io) fn has_facet(sides: &[Side], nodes: &[u32]) -> bool {
    key(nodes).is_some_and(|key| sides.binary_search_by_key(&key, |side| side.key).is_ok())
}

/// The corners of a facet as its first cell lists them, filled up, and whether the second cell
/// lists them the same way around.
pub(in crate::io) fn meeting(
    mesh: &Mesh,
    facet: &[Side],
) -> Result<([u32; 4], bool), TopologyError> {
    let list = |side: &Side| {
        let (shape, cell) = mesh.top_cell(side.cell);
        corners(cell, shape.facets()[side.local as usize])
    };
    let first = list(&facet[0]);
    let nodes = trimmed(&first).to_vec();
    match facet {
        [_] => Ok((first, false)),
        [a, b] => match turn(trimmed(&first), trimmed(&list(b)), a.local == b.local) {
            Some(same_way) => Ok((first, same_way)),
            None => Err(TopologyError::Twisted { nodes, cells: [a.cell, b.cell] }),
        },
        many => {
            let cells = many.iter().map(|side| side.cell).collect();
            Err(TopologyError::NonManifold { nodes, cells })
        }
    }
}

/// Whether two lists of the same corners run the same way around; `None` when neither is the
/// other, forward or backward.
fn turn(a: &[u32], b: &[u32], same_end: bool) -> Option<bool> {
    match a.len() {
        // The end of a line: consistent lines follow each other, end to beginning.
        1 => Some(same_end),
        2 => Some(a == b),
        len => {
            let start = b.iter().position(|&node| node == a[0])?;
            let forward = (0..len).all(|k| a[k] == b[(start + k) % len]);
            let backward = (0..len).all(|k| a[k] == b[(start + len - k) % len]);
            (forward || backward).then_some(forward)
        }
    }
}

/// The corners of a facet of a cell, filled up to four.
pub(in crate::io) fn corners(cell: &[u32], facet: &[u8]) -> [u32; 4] {
    let mut nodes = [NO_NODE; 4];
    for (node, &corner) in nodes.iter_mut().zip(facet) {
        *node = cell[corner as usize];
    }
    nodes
}

/// The corners of a facet without what fills them up.
pub(in crate::io) fn trimmed(nodes: &[u32; 4]) -> &[u32] {
    let len = nodes.iter().position(|&node| node == NO_NODE).unwrap_or(4);
    &nodes[..len]
}

/// What is equal for equal facets, however their corners are listed; no facet has more than four.
pub(super) fn key(nodes: &[u32]) -> Option<[u32; 4]> {
    let mut filled = [NO_NODE; 4];
    filled.get_mut(..nodes.len())?.copy_from_slice(nodes);
    Some(sorted(filled))
}

pub(super) fn sorted(mut nodes: [u32; 4]) -> [u32; 4] {
    nodes.sort_unstable();
    nodes
}

//! What there is to see of cells: the cells of a plane mesh or surface, the skin of a solid.

use crate::io::shape::Shape;
use crate::io::tables::Tables;
use crate::io::topology::{corners, facets, sides_of, trimmed};

/// A triangle or quad to be drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Face {
    nodes: [u32; 4],
    len: u8,
    /// The cell whose value it shows.
    pub(super) cell: u32,
}

impl Face {
    fn new(nodes: &[u32], cell: u32) -> Self {
        let mut all = [0; 4];
        all[..nodes.len()].copy_from_slice(nodes);
        Self { nodes: all, len: nodes.len() as u8, cell }
    }

    /// Its corners, three or four.
    pub(super) fn nodes(&self) -> &[u32] {
        &self.nodes[..self.len as usize]
    }
}

/// The faces of all cells, which have one dimension.
pub(super) fn faces(cells: &Tables) -> Result<Vec<Face>, String> {
    let dims: Vec<_> = cells.iter().map(|(shape, _)| shape.dim()).collect();
    match dims.first() {
        None => Err("there are no cells to draw".to_owned()),
        Some(dim) if dims.iter().any(|other| other != dim) => {
            Err("cells of several dimensions cannot be drawn in one picture".to_owned())
        }
        Some(2) => Ok(flat_faces(cells)),
        Some(3) => Ok(skin(cells)),
        Some(_) => Err("points and lines have no area to be drawn".to_owned()),
    }
}

fn flat_faces(cells: &Tables) -> Vec<Face> {
    let mut faces = Vec::with_capacity(cells.len());
    for (shape, nodes) in cells.iter() {
        for cell in nodes.chunks_exact(shape.num_nodes()) {
            faces.push(Face::new(cell, faces.len() as u32));
        }
    }
    faces
}

/// The faces of solids that belong to one cell only.
fn skin(cells: &Tables) -> Vec<Face> {
    let mut all: Vec<(Shape, &[u32])> = Vec::with_capacity(cells.len());
    for (shape, nodes) in cells.iter() {
        all.extend(nodes.chunks_exact(shape.num_nodes()).map(|cell| (shape, cell)));
    }
    let sides = sides_of(all.iter().copied());
    let alone = facets(&sides).filter(|facet| facet.len() == 1).map(|facet| &facet[0]);
    alone
        .map(|side| {
            let (shape, cell) = all[side.cell as usize];
            let nodes = corners(cell, shape.facets()[side.local as usize]);
            Face::new(trimmed(&nodes), side.cell)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solids_show_their_skin() {
        // Two tetrahedra with a common face.
        let table = [[0, 1, 2, 3], [1, 2, 3, 4]];
        let mut cells = Tables::default();
        cells.push(Shape::Tetrahedron, &table);
        let faces = faces(&cells).unwrap();
        assert_eq!(faces.len(), 6);
        assert_eq!(faces.iter().filter(|face| face.cell == 0).count(), 3);
        assert!(faces.iter().all(|face| face.nodes().len() == 3 && face.nodes() != [1, 2, 3]));
    }

    #[test]
    fn what_has_no_area_is_refused() {
        let (lines, triangles) = ([[0, 1]], [[0, 1, 2]]);
        let mut cells = Tables::default();
        assert!(faces(&cells).unwrap_err().contains("no cells"));
        cells.push(Shape::Line, &lines);
        assert!(faces(&cells).unwrap_err().contains("no area"));
        cells.push(Shape::Triangle, &triangles);
        assert!(faces(&cells).unwrap_err().contains("several dimensions"));
    }
}

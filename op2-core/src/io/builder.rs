//! Collects what a reader finds, and makes a [`Mesh`] of it.
//!
//! Here are the rules that hold for all formats: no cell lists a node twice, a group's number is
//! unique in its dimension. Checks that need a place in the file (is a node there?) are left to
//! the readers.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::mesh::{Cells, Group, Mesh, PointData};
use super::row::RowError;
use super::shape::Shape;

/// A mesh while it is read.
#[derive(Default)]
pub(super) struct MeshBuilder {
    pub(super) points: Vec<[f64; 3]>,
    pub(super) point_data: Vec<PointData>,
    blocks: [Block; Shape::ALL.len()],
    groups: BTreeMap<(usize, i32), Parts>,
}

#[derive(Default)]
struct Block {
    nodes: Vec<u32>,
    tags: Vec<i32>,
}

#[derive(Default)]
struct Parts {
    name: Option<String>,
    members: BTreeMap<Shape, Vec<u32>>,
}

impl MeshBuilder {
    pub(super) fn with_points(points: Vec<[f64; 3]>) -> Self {
        Self { points, ..Self::default() }
    }

    /// Adds a cell to its block and to the groups with these `tags`; tag 0 names no group.
    pub(super) fn cell(
        &mut self,
        shape: Shape,
        nodes: &[u32],
        tags: &[i32],
    ) -> Result<(), RowError> {
        debug_assert_eq!(nodes.len(), shape.num_nodes());
        check_distinct(shape, nodes)?;
        let block = &mut self.blocks[shape as usize];
        let cell = block.tags.len() as u32;
        block.nodes.extend_from_slice(nodes);
        let mut first = 0;
        for &tag in tags.iter().filter(|&&tag| tag != 0) {
            first = if first == 0 { tag } else { first };
            let group = self.groups.entry((shape.dim(), tag)).or_default();
            let members = group.members.entry(shape).or_default();
            // A file may list a group twice for one cell.
            if members.last() != Some(&cell) {
                members.push(cell);
            }
        }
        block.tags.push(first);
        Ok(())
    }

    /// Declares a group by name, with or without cells; false if it has a name already.
    pub(super) fn name_group(&mut self, dim: usize, tag: i32, name: &str) -> bool {
        let group = self.groups.entry((dim, tag)).or_default();
        group.name.replace(name.to_owned()).is_none()
    }

    /// Names the groups with this number in every dimension where they have cells.
    pub(super) fn name_used_groups(&mut self, tag: i32, name: &str) {
        for dim in 0..=3 {
            if let Some(group) = self.groups.get_mut(&(dim, tag)) {
                group.name = Some(name.to_owned());
            }
        }
    }

    /// The dimension of the space that the points need: 2 when all lie in the plane z = 0 and no
    /// cell has a volume.
    pub(super) fn dim_of_points(&self) -> usize {
        let solid = Shape::ALL.into_iter().any(|shape| shape.dim() == 3 && !self.is_empty(shape));
        let flat = self.points.iter().all(|point| point[2] == 0.0);
        if flat && !solid { 2 } else { 3 }
    }

    fn is_empty(&self, shape: Shape) -> bool {
        self.blocks[shape as usize].tags.is_empty()
    }

    pub(super) fn finish(self, dim: usize) -> Mesh {
        let blocks = Shape::ALL.into_iter().zip(self.blocks);
        let cells = blocks
            .filter(|(_, block)| !block.tags.is_empty())
            .map(|(shape, block)| Cells { shape, nodes: block.nodes, tags: block.tags })
            .collect();
        let groups = self.groups.into_iter().map(|((dim, tag), parts)| Group {
            name: parts.name.unwrap_or_else(|| tag.to_string()),
            dim,
            tag,
            members: parts.members.into_iter().collect(),
        });
        let groups = groups.collect();
        let (points, point_data) = (self.points, self.point_data);
        Mesh { name: PathBuf::new(), points, dim, cells, groups, point_data }
    }
}

pub(super) fn check_distinct(shape: Shape, nodes: &[u32]) -> Result<(), RowError> {
    for (corner, node) in nodes.iter().enumerate() {
        if let Some(earlier) = nodes[..corner].iter().position(|other| other == node) {
            return Err(RowError::new(format!(
                "corners {} and {} of the {shape} are the same node",
                earlier + 1,
                corner + 1
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_sorted_by_shape_and_remember_their_groups() {
        let mut builder = MeshBuilder::with_points(vec![[0.0; 3]; 4]);
        builder.cell(Shape::Triangle, &[0, 1, 2], &[7]).unwrap();
        builder.cell(Shape::Line, &[0, 1], &[]).unwrap();
        builder.cell(Shape::Line, &[1, 2], &[0, 5, 7, 5]).unwrap();
        assert!(builder.name_group(1, 5, "wall"));
        assert!(!builder.name_group(1, 5, "wall again"));
        assert_eq!(builder.dim_of_points(), 2);
        let mesh = builder.finish(2);
        assert_eq!(mesh.table::<2>(Shape::Line).unwrap(), [[0, 1], [1, 2]]);
        assert_eq!(mesh.cells[0].tags, [0, 5]);
        assert_eq!(mesh.only_shape(), Ok(Shape::Triangle));
        let names: Vec<_> = mesh.groups.iter().map(|g| (g.dim, g.tag, &*g.name, g.len())).collect();
        assert_eq!(names, [(1, 5, "wall again", 1), (1, 7, "7", 1), (2, 7, "7", 1)]);
        assert_eq!(mesh.group_nodes(mesh.group(1, "7").unwrap()), [1, 2]);
    }

    #[test]
    fn what_is_not_there_is_named_with_what_is() {
        let mut builder = MeshBuilder::with_points(vec![[0.0; 3]; 4]);
        builder.cell(Shape::Quad, &[0, 1, 2, 3], &[2]).unwrap();
        let mesh = builder.finish(3);
        let message = mesh.table::<3>(Shape::Triangle).unwrap_err().to_string();
        assert_eq!(message, "the mesh has no triangles; it has 1 quads");
        assert_eq!(
            mesh.table::<3>(Shape::Quad).unwrap_err().to_string(),
            "a quad has 4 nodes, not 3"
        );
        assert!(mesh.coords::<2>().unwrap_err().to_string().contains("3-dimensional"));
        assert!(mesh.group(2, "wall").unwrap_err().to_string().ends_with("it has `2`"));
        assert!(mesh.field("depth").unwrap_err().to_string().ends_with("it has none"));
    }

    #[test]
    fn a_cell_that_lists_a_node_twice_is_refused() {
        let refused = MeshBuilder::default().cell(Shape::Triangle, &[3, 9, 9], &[]).unwrap_err();
        assert_eq!(refused.into_reason(), "corners 2 and 3 of the triangle are the same node");
    }
}

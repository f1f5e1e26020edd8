//! The elements of an MSH file, and the physical groups they belong to.

use std::collections::HashMap;

use super::super::ReadError;
use super::super::shape::Shape;
use super::super::values::Values;
use super::nodes::Numbering;
use super::{Msh, Version};

/// The physical groups of each geometric entity, by its dimension and number.
pub(super) type EntityGroups = HashMap<(i32, i32), Vec<i32>>;

/// The most tags an element of version 2 has: Gmsh writes two, and the partitions.
const MOST_TAGS: i64 = 4096;

impl Msh {
    pub(super) fn elements(&mut self) -> Result<(), ReadError> {
        if self.has_elements {
            return Err(self.lines.here("the file has `$Elements` twice"));
        }
        self.has_elements = true;
        self.numbering()?;
        match (self.version, self.encoding.is_text()) {
            (Version::V2, true) => self.elements_v2_text(),
            (Version::V2, false) => self.elements_v2_binary(),
            (Version::V4, _) => self.elements_v4(),
        }
    }

    /// One element a line: its number, type, number of tags, tags, nodes.
    fn elements_v2_text(&mut self) -> Result<(), ReadError> {
        let num_elements = self.count("the number of elements")?;
        let Self { lines, builder, numbering: Some(numbering), encoding, .. } = self else {
            unreachable!("`elements` asks for the numbering")
        };
        let mut values = Values::new(lines, *encoding, "elements");
        values.room(num_elements, 8, 8)?;
        for _ in 0..num_elements {
            values.row()?;
            values.size()?;
            let shape = shape(&mut values)?;
            let group = v2_group(&mut values)?;
            let nodes = corners(&mut values, shape, numbering, Version::V2)?;
            let added = builder.cell(shape, &nodes[..shape.num_nodes()], &[group]);
            values.placed(added)?;
            values.end()?;
        }
        Ok(())
    }

    /// Blocks of one type and number of tags each.
    fn elements_v2_binary(&mut self) -> Result<(), ReadError> {
        let num_elements = self.count("the number of elements")?;
        let Self { lines, builder, numbering: Some(numbering), encoding, .. } = self else {
            unreachable!("`elements` asks for the numbering")
        };
        let mut values = Values::new(lines, *encoding, "elements");
        let mut left = num_elements;
        while left > 0 {
            let shape = shape(&mut values)?;
            let (num_in_block, num_tags) = (values.i32()?, values.i32()?);
            left = match usize::try_from(num_in_block) {
                Ok(1..) if num_in_block as usize <= left => left - num_in_block as usize,
                _ => return Err(values.here(format!("a block of {num_in_block} elements"))),
            };
            for _ in 0..num_in_block {
                values.row()?;
                values.i32()?;
                let group = v2_tags(&mut values, i64::from(num_tags))?;
                let nodes = corners(&mut values, shape, numbering, Version::V2)?;
                let added = builder.cell(shape, &nodes[..shape.num_nodes()], &[group]);
                values.placed(added)?;
            }
        }
        Ok(())
    }

    /// Blocks by geometric entity and type; the groups are those of the entity.
    fn elements_v4(&mut self) -> Result<(), ReadError> {
        let Self { lines, builder, numbering: Some(numbering), encoding, entity_groups, .. } = self
        else {
            unreachable!("`elements` asks for the numbering")
        };
        let mut values = Values::new(lines, *encoding, "elements");
        values.row()?;
        let (num_blocks, num_elements) = (values.size()?, values.count()?);
        let (_lowest, _highest) = (values.size()?, values.size()?);
        values.end()?;
        values.room(num_elements, 4, 16)?;
        let mut left = num_elements;
        for _ in 0..num_blocks {
            values.row()?;
            let (dim, entity) = (values.i32()?, values.i32()?);
            let shape = shape(&mut values)?;
            let num_in_block = values.count()?;
            values.end()?;
            left = left.checked_sub(num_in_block).ok_or_else(|| {
                values.here(format!("more than the {num_elements} elements announced"))
            })?;
            let groups = entity_groups.get(&(dim, entity)).map_or(&[][..], Vec::as_slice);
            for _ in 0..num_in_block {
                values.row()?;
                values.size()?;
                let nodes = corners(&mut values, shape, numbering, Version::V4)?;
                let added = builder.cell(shape, &nodes[..shape.num_nodes()], groups);
                values.placed(added)?;
                values.end()?;
            }
        }
        if left > 0 {
            return Err(values.here(format!(
                "{num_elements} elements are announced, {} are there",
                num_elements - left
            )));
        }
        Ok(())
    }
}

fn shape(values: &mut Values) -> Result<Shape, ReadError> {
    let number = values.i32()?;
    Shape::of_gmsh(i64::from(number)).map_err(|reason| values.here(reason))
}

/// The physical group of an element: the first of its tags.
fn v2_group(values: &mut Values) -> Result<i32, ReadError> {
    let num_tags = values.i64()?;
    v2_tags(values, num_tags)
}

fn v2_tags(values: &mut Values, num_tags: i64) -> Result<i32, ReadError> {
    if !(0..=MOST_TAGS).contains(&num_tags) {
        return Err(values.here(format!("an element with {num_tags} tags")));
    }
    let mut group = 0;
    for tag in 0..num_tags {
        let value = values.i32()?;
        group = if tag == 0 { value } else { group };
    }
    Ok(group)
}

fn corners(
    values: &mut Values,
    shape: Shape,
    numbering: &Numbering,
    version: Version,
) -> Result<[u32; Shape::MOST_NODES], ReadError> {
    let mut nodes = [0; Shape::MOST_NODES];
    for node in &mut nodes[..shape.num_nodes()] {
        let id = match version {
            Version::V2 => values.id32()?,
            Version::V4 => values.size()?,
        };
        *node = numbering.point(id).ok_or_else(|| {
            values.here(format!("the {shape} names node {id}, which is not there"))
        })?;
    }
    Ok(nodes)
}

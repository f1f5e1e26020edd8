//! The nodes of an MSH file, and the dense numbers they get.

use std::collections::HashMap;

use super::super::ReadError;
use super::super::values::Values;
use super::{Msh, Version};

/// From the numbers of nodes in the file to indices of points.
pub(super) enum Numbering {
    /// The first point has this number, the others follow: what Gmsh writes.
    Consecutive { first: u64, num_points: usize },
    /// Any numbers.
    Sparse(HashMap<u64, u32>),
}

impl Numbering {
    /// The numbering of nodes with these numbers; the place of one that occurs twice is an error.
    fn of(ids: &[u64]) -> Result<Self, usize> {
        let first = ids.first().copied().unwrap_or(1);
        if ids.iter().enumerate().all(|(point, &id)| id.checked_sub(first) == Some(point as u64)) {
            return Ok(Self::Consecutive { first, num_points: ids.len() });
        }
        let mut points = HashMap::with_capacity(ids.len());
        for (point, &id) in ids.iter().enumerate() {
            if points.insert(id, point as u32).is_some() {
                return Err(point);
            }
        }
        Ok(Self::Sparse(points))
    }

    /// The point that the file calls `id`.
    #[inline]
    pub(super) fn point(&self, id: u64) -> Option<u32> {
        match self {
            Self::Consecutive { first, num_points } => {
                let point = id.checked_sub(*first)?;
                (point < *num_points as u64).then_some(point as u32)
            }
            Self::Sparse(points) => points.get(&id).copied(),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Consecutive { num_points, .. } => *num_points,
            Self::Sparse(points) => points.len(),
        }
    }
}

impl Msh {
    pub(super) fn nodes(&mut self) -> Result<(), ReadError> {
        if self.numbering.is_some() {
            return Err(self.lines.here("the file has `$Nodes` twice"));
        }
        let (points, ids) = match self.version {
            Version::V2 => self.nodes_v2()?,
            Version::V4 => self.nodes_v4()?,
        };
        let numbering = Numbering::of(&ids).map_err(|point| {
            self.lines.here(format!("nodes: number {} occurs twice", ids[point]))
        })?;
        self.numbering = Some(numbering);
        self.builder.points = points;
        Ok(())
    }

    /// A count, then for each node its number and its coordinates.
    fn nodes_v2(&mut self) -> Result<(Vec<[f64; 3]>, Vec<u64>), ReadError> {
        let num_nodes = self.count("the number of nodes")?;
        let mut values = Values::new(&mut self.lines, self.encoding, "nodes");
        let room = values.room(num_nodes, 8, 28)?;
        let (mut points, mut ids) = (Vec::with_capacity(room), Vec::with_capacity(room));
        for _ in 0..num_nodes {
            values.row()?;
            ids.push(values.id32()?);
            points.push(point(&mut values)?);
            values.end()?;
        }
        Ok((points, ids))
    }

    /// Blocks by geometric entity: first the numbers of their nodes, then the coordinates.
    fn nodes_v4(&mut self) -> Result<(Vec<[f64; 3]>, Vec<u64>), ReadError> {
        let mut values = Values::new(&mut self.lines, self.encoding, "nodes");
        values.row()?;
        let (num_blocks, num_nodes) = (values.size()?, values.count()?);
        let (_lowest, _highest) = (values.size()?, values.size()?);
        values.end()?;
        let room = values.room(num_nodes, 8, 32)?;
        let (mut points, mut ids) = (Vec::with_capacity(room), Vec::with_capacity(room));
        for _ in 0..num_blocks {
            values.row()?;
            let (dim, _entity, parametric) = (values.i32()?, values.i32()?, values.i32()?);
            let num_in_block = values.count()?;
            values.end()?;
            if ids.len() + num_in_block > num_nodes {
                return Err(values.here(format!("more than the {num_nodes} nodes announced")));
            }
            for _ in 0..num_in_block {
                values.row()?;
                ids.push(values.size()?);
                values.end()?;
            }
            let num_parameters = if parametric == 0 { 0 } else { dim.clamp(0, 3) };
            for _ in 0..num_in_block {
                values.row()?;
                points.push(point(&mut values)?);
                for _ in 0..num_parameters {
                    values.f64()?;
                }
                values.end()?;
            }
        }
        if ids.len() != num_nodes {
            let reason = format!("{num_nodes} nodes are announced, {} are there", ids.len());
            return Err(values.here(reason));
        }
        Ok((points, ids))
    }

    /// A line of text with one count, in the binary files as well.
    pub(super) fn count(&mut self, what: &str) -> Result<usize, ReadError> {
        let mut row = self.lines.expect_line(what)?;
        let read = row.count().and_then(|count| row.end().map(|()| count));
        read.map_err(|error| self.lines.in_table(what, error))
    }
}

fn point(values: &mut Values) -> Result<[f64; 3], ReadError> {
    Ok([values.f64()?, values.f64()?, values.f64()?])
}

//! Cells as writers take them: one table of corners per shape.

use super::mesh::Mesh;
use super::shape::Shape;

/// Cells of any shapes, numbered table after table.
#[derive(Debug, Clone, Default)]
pub(super) struct Tables<'a>(Vec<Table<'a>>);

#[derive(Debug, Clone, Copy)]
struct Table<'a> {
    shape: Shape,
    /// The width of the table that was given.
    arity: usize,
    nodes: &'a [u32],
    len: usize,
}

impl<'a> Tables<'a> {
    /// The cells of the largest dimension of a mesh.
    pub(super) fn of(mesh: &'a Mesh) -> Self {
        let blocks = mesh.blocks_of_dim(mesh.cell_dim());
        let table = blocks.map(|block| Table {
            shape: block.shape,
            arity: block.shape.num_nodes(),
            nodes: &block.nodes,
            len: block.len(),
        });
        Self(table.collect())
    }

    pub(super) fn push<const A: usize>(&mut self, shape: Shape, cell_nodes: &'a [[u32; A]]) {
        let nodes = cell_nodes.as_flattened();
        self.0.push(Table { shape, arity: A, nodes, len: cell_nodes.len() });
    }

    /// How many cells there are.
    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|table| table.len).sum()
    }

    /// The shapes, each with its cells' corners in a row.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Shape, &'a [u32])> {
        self.0.iter().map(|table| (table.shape, table.nodes))
    }

    /// Checks that the tables are as wide as their shapes say and name only points that are there.
    pub(super) fn check(&self, num_points: usize) -> Result<(), String> {
        for &Table { shape, arity, nodes, .. } in &self.0 {
            if arity != shape.num_nodes() {
                return Err(format!(
                    "cells have {arity} nodes, a {shape} has {}",
                    shape.num_nodes()
                ));
            }
            if let Some(entry) = nodes.iter().position(|&node| node as usize >= num_points) {
                let (cell, node) = (entry / arity, nodes[entry]);
                return Err(format!(
                    "{shape} {cell} names node {node}, but there are {num_points} points"
                ));
            }
        }
        Ok(())
    }
}

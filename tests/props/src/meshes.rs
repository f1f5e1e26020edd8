//! Maps with two entries, as plain tables: graphs that are easy, and graphs that are not.

use proptest::prelude::*;

/// A map from edges to rows.
#[derive(Debug, Clone)]
pub struct Edges {
    /// `[edges * 2]`
    pub table: Vec<u32>,
    /// Elements of the target set.
    pub num_rows: usize,
}

/// The path `0 - 1 - ... - (num_rows - 1)`.
pub fn path(num_rows: u32) -> Edges {
    let table = (1..num_rows).flat_map(|row| [row - 1, row]).collect();
    Edges { table, num_rows: num_rows as usize }
}

/// Edges from row 0 to each other row.
pub fn star(num_edges: u32) -> Edges {
    let table = (1..=num_edges).flat_map(|leaf| [0, leaf]).collect();
    Edges { table, num_rows: num_edges as usize + 1 }
}

/// An edge between any two rows.
pub fn complete(num_rows: u32) -> Edges {
    let table = (0..num_rows).flat_map(|a| (0..a).flat_map(move |b| [a, b])).collect();
    Edges { table, num_rows: num_rows as usize }
}

/// The inner edges of a grid of `nx * ny` cells, numbered cell by cell, row by row.
pub fn grid(nx: u32, ny: u32) -> Edges {
    let mut table = Vec::with_capacity(4 * nx as usize * ny as usize);
    for y in 0..ny {
        for x in 0..nx {
            let cell = y * nx + x;
            if x + 1 < nx {
                table.extend([cell, cell + 1]);
            }
            if y + 1 < ny {
                table.extend([cell, cell + nx]);
            }
        }
    }
    Edges { table, num_rows: nx as usize * ny as usize }
}

/// A random order of `0..len`.
pub fn shuffled(len: u32) -> impl Strategy<Value = Vec<u32>> {
    Just((0..len).collect::<Vec<u32>>()).prop_shuffle()
}

/// Any edges between up to 60 rows: loops, repeated edges, lone rows, several components, or none.
pub fn random_edges() -> impl Strategy<Value = Edges> {
    random_table(2).prop_map(|(table, num_rows)| Edges { table, num_rows })
}

/// A table with any entries, and how many rows it may name.
pub fn random_table(arity: usize) -> impl Strategy<Value = (Vec<u32>, usize)> {
    (1_u32..60).prop_flat_map(move |num_rows| {
        let element = prop::collection::vec(0..num_rows, arity);
        let table = prop::collection::vec(element, 0..120).prop_map(|elements| elements.concat());
        (table, Just(num_rows as usize))
    })
}

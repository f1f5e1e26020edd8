//! Small requests for the tests of this folder.

use super::request::{ReachTable, Request, RequestTarget};

/// Edges `i - (i + 1)`.
pub(super) fn path(len: u32) -> Vec<u32> {
    (0..len).flat_map(|i| [i, i + 1]).collect()
}

/// Increments of numbers through all entries of a table.
pub(super) fn increments(table: &[u32], arity: usize, num_rows: usize) -> RequestTarget<'_> {
    RequestTarget {
        reaches: vec![ReachTable { table, arity, columns: (0..arity).collect() }],
        num_rows,
        row_bytes: 8,
        combines: true,
        atomic: true,
        exact: false,
    }
}

/// The same, overwriting.
pub(super) fn writes(table: &[u32], arity: usize, num_rows: usize) -> RequestTarget<'_> {
    RequestTarget { combines: false, ..increments(table, arity, num_rows) }
}

/// A loop over the first positions.
pub(super) fn request<'a>(positions: usize, targets: &'a [RequestTarget<'a>]) -> Request<'a> {
    Request { positions, subset: None, targets, points: 1 }
}

//! Kernels of several tests.

use op2::prelude::*;

use crate::grid::{Cells, Edges, Grid};

#[op2::kernel]
pub(crate) fn difference(a: &f64, b: &f64, weight: &f64, left: Inc<f64>, right: Inc<f64>) {
    *left += *weight * (*b - *a);
    *right -= *weight * (*b - *a);
}

/// What flows between neighboring cells, added to their changes.
pub(crate) fn flow(
    grid: &Grid,
    u: &Dat<Cells, f64>,
    weight: &Dat<Edges, f64>,
    change: &Dat<Cells, f64>,
) -> op2::Result<()> {
    par_loop!(
        difference,
        grid.edges,
        u(Read, grid.edge_cells[0]),
        u(Read, grid.edge_cells[1]),
        weight(Read),
        change(Inc, grid.edge_cells[0]),
        change(Inc, grid.edge_cells[1])
    )
}

#[op2::kernel]
pub(crate) fn set_weight(i: &u64, weight: &mut f64) {
    *weight += 1.0 + 0.25 * *i as f64;
}

#[op2::kernel]
pub(crate) fn count_ends(ends: Inc<[f64; 2]>) {
    ends[0] += 1.0;
    ends[1] += 1.0;
}

#[op2::kernel]
pub(crate) fn sum_of_ends(counts: &[f64; 2], sum: Write<f64>) {
    *sum = counts[0] + counts[1];
}

#[op2::kernel]
pub(crate) fn own_number(i: &u64, x: Write<f64>) {
    *x = *i as f64;
}

#[op2::kernel]
pub(crate) fn total(x: &f64, sum: Inc<f64>) {
    *sum += *x;
}

//! The kernel takes all rows, the loop passes one.

use op2::prelude::*;

op2::sets! { Cells; Nodes; }

#[op2::kernel]
fn sum(x: &[f64; 3], total: op2::Write<f64>) {
    *total = x[0] + x[1] + x[2];
}

fn run(
    cells: &Set<Cells>,
    cell_nodes: &Map<Cells, Nodes, 3>,
    x: &Dat<Nodes, f64>,
    y: &Dat<Cells, f64>,
) -> op2::Result<()> {
    par_loop!(sum, cells, x(Read, cell_nodes[0]), y(Write))
}

fn main() {}

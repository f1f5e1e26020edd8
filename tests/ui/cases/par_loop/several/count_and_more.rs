//! A missing argument hides nothing that can be known without the parameters.

use op2::prelude::*;

op2::sets! { Edges; Nodes; Cells; }

#[op2::kernel]
fn flux(x: &[f64; 2], q: &f64, adt: &f64, weight: &f64, res: Inc<f64>, rms: Inc<f64>) {
    *res += x[0] * *q * *adt * *weight;
    *rms += *q;
}

fn run(
    edges: &Set<Edges>,
    edge_nodes: &Map<Edges, Nodes, 2>,
    cell_nodes: &Map<Cells, Nodes, 4>,
    x: &Dat<Nodes, [f64; 2]>,
    q: &Dat<Cells, f64>,
    adt: &Dat<Cells, f32>,
    res: &Dat<Nodes, f64>,
    rms: &Global<f64>,
) -> op2::Result<()> {
    par_loop!(flux, edges, x(Read, cell_nodes[0]), q(Read), res(Inc, edge_nodes[7]), rms(Write))
}

fn main() {}

//! Five mistakes of different kinds in one loop: five errors.

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
    par_loop!(
        flux,
        edges,
        x(Read, edge_nodes[2]),
        q(Read, cell_nodes[0]),
        adt(Read),
        1(Read),
        res(Write, edge_nodes[0]),
        rms(Inc)
    )
}

fn main() {}

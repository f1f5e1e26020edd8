//! The entry is a const parameter: found when the function is compiled for the value 2.

use op2::prelude::*;

op2::sets! { Edges; Nodes; }

#[op2::kernel]
fn copy(from: &f64, to: op2::Write<f64>) {
    *to = *from;
}

fn run<const K: usize>(
    edges: &Set<Edges>,
    edge_nodes: &Map<Edges, Nodes, 2>,
    x: &Dat<Nodes, f64>,
    y: &Dat<Edges, f64>,
) -> op2::Result<()> {
    par_loop!(copy, edges, x(Read, edge_nodes[K]), y(Write))
}

fn main() -> op2::Result<()> {
    let cx = Context::builder().build()?;
    let (edges, nodes) = (cx.set(1)?, cx.set(2)?);
    let edge_nodes = cx.map("edge_nodes", &edges, &nodes, vec![[0, 1]])?;
    run::<2>(&edges, &edge_nodes, &cx.dat_zeros("x", &nodes)?, &cx.dat_zeros("y", &edges)?)
}

//! The entry as a const parameter and as a `const`.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Edges; Nodes; }

#[op2::kernel]
fn copy(from: &f64, to: op2::Write<f64>) {
    *to = *from;
}

const LAST: usize = 1;

fn pick<const K: usize>(
    edges: &Set<Edges>,
    edge_nodes: &Map<Edges, Nodes, 2>,
    x: &Dat<Nodes, f64>,
    y: &Dat<Edges, f64>,
) -> op2::Result<()> {
    par_loop!(copy, edges, x(Read, edge_nodes[K]), y(Write))
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let (edges, nodes) = (cx.set::<Edges>(2)?, cx.set::<Nodes>(3)?);
    let edge_nodes = cx.map("edge_nodes", &edges, &nodes, vec![[0, 1], [1, 2]])?;

    let (x, y) = (cx.dat("x", &nodes, vec![1.0, 2.0, 3.0])?, cx.dat_zeros::<_, f64>("y", &edges)?);
    pick::<1>(&edges, &edge_nodes, &x, &y)?;
    par_loop!(copy, edges, x(Read, edge_nodes[LAST]), y(Write))?;
    assert_eq!(y.read()?.to_vec(), [2.0, 3.0]);
    Ok(())
}

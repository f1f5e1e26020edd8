//! One entry of a map at a time, numbered from 0.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Edges; Nodes; }

#[op2::kernel]
fn length(a: &f64, b: &f64, len: op2::Write<f64>) {
    *len = (*b - *a).abs();
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let (edges, nodes) = (cx.set::<Edges>(2)?, cx.set::<Nodes>(3)?);
    let edge_nodes = cx.map("edge_nodes", &edges, &nodes, vec![[0, 1], [1, 2]])?;

    let (x, len) =
        (cx.dat("x", &nodes, vec![0.0, 1.0, 3.0])?, cx.dat_zeros::<_, f64>("len", &edges)?);
    par_loop!(length, edges, x(Read, edge_nodes[0]), x(Read, edge_nodes[1]), len(Write))?;
    assert_eq!(len.read()?.to_vec(), [1.0, 2.0]);
    Ok(())
}

//! The same dat read twice, and increments of it through two entries.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Edges; Nodes; }

#[op2::kernel]
fn flux(a: &f64, b: &f64, ra: Inc<f64>, rb: Inc<f64>) {
    *ra += *b - *a;
    *rb -= *b - *a;
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let (edges, nodes) = (cx.set::<Edges>(2)?, cx.set::<Nodes>(3)?);
    let edge_nodes = cx.map("edge_nodes", &edges, &nodes, vec![[0, 1], [1, 2]])?;

    let (q, r) = (cx.dat("q", &nodes, vec![0.0, 1.0, 4.0])?, cx.dat_zeros::<_, f64>("r", &nodes)?);
    par_loop!(
        flux,
        edges,
        q(Read, edge_nodes[0]),
        q(Read, edge_nodes[1]),
        r(Inc, edge_nodes[0]),
        r(Inc, edge_nodes[1]),
    )?;
    assert_eq!(r.read()?.to_vec(), [1.0, 2.0, -3.0]);
    Ok(())
}

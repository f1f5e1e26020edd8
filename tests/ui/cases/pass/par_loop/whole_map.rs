//! All entries of a map at once.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Edges; Nodes; }

#[op2::kernel]
fn spread(x: &[[f64; 2]; 2], share: Inc<[f64; 2]>) {
    share[0] += x[1][0];
    share[1] += x[0][1];
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let (edges, nodes) = (cx.set::<Edges>(2)?, cx.set::<Nodes>(3)?);
    let edge_nodes = cx.map("edge_nodes", &edges, &nodes, vec![[0, 1], [1, 2]])?;

    let x = cx.dat("x", &nodes, vec![[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])?;
    let share = cx.dat_zeros::<_, f64>("share", &nodes)?;
    par_loop!(spread, edges, x(Read, edge_nodes), share(Inc, edge_nodes))?;
    assert_eq!(share.read()?.to_vec(), [2.0, 5.0, 3.0]);
    Ok(())
}

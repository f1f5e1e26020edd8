//! Sets, maps and dats in a struct, behind references and `Arc`.

#![deny(warnings)]

use op2::prelude::*;

op2::sets! { Edges; Nodes; }

#[op2::kernel]
fn add(from: &f64, to: Inc<f64>) {
    *to += *from;
}

struct Mesh {
    edges: Set<Edges>,
    edge_nodes: std::sync::Arc<Map<Edges, Nodes, 2>>,
}

struct Flow<'a> {
    mesh: &'a Mesh,
    w: Dat<Edges, f64>,
    q: [Dat<Nodes, f64>; 2],
}

impl Flow<'_> {
    fn run(&self) -> op2::Result<()> {
        par_loop!(add, self.mesh.edges, self.w(Read), (self.q[1])(Inc, self.mesh.edge_nodes[0]))
    }
}

fn main() -> op2::Result<()> {
    let cx = op2::Context::builder().build()?;
    let (edges, nodes) = (cx.set::<Edges>(2)?, cx.set::<Nodes>(3)?);
    let edge_nodes = cx.map("edge_nodes", &edges, &nodes, vec![[0, 1], [1, 2]])?;

    let w = cx.dat("w", &edges, vec![1.0, 2.0])?;
    let q = [cx.dat_zeros("q", &nodes)?, cx.dat_zeros::<_, f64>("p", &nodes)?];
    let mesh = Mesh { edges, edge_nodes: edge_nodes.into() };
    let flow = Flow { mesh: &mesh, w, q };
    flow.run()?;
    assert_eq!(flow.q[1].read()?.to_vec(), [1.0, 2.0, 0.0]);
    Ok(())
}

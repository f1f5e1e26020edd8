//! Every way to fill a matrix.

use op2::prelude::*;

op2::sets! { Nodes; Edges; Cells; }

#[op2::kernel]
fn tensor(a: Inc<[[f64; 2]; 3]>) {
    a[0][0] += 1.0;
}

#[op2::kernel]
fn write(a: Write<[[f64; 2]; 3]>) {
    for i in 0..3 {
        for j in 0..2 {
            a[i][j] = 1.0;
        }
    }
}

#[op2::kernel]
fn nested(a: Inc<[[[[f32; 1]; 2]; 2]; 3]>) {
    a[2][1][1][0] += 1.0;
}

#[op2::kernel]
fn flat(a: Inc<[[f32; 2]; 6]>) {
    a[5][1] += 1.0;
}

#[op2::kernel]
fn entry(a: Inc<f64>, i: &u64, x: &f64) {
    *a += *i as f64 * *x;
}

#[op2::kernel]
fn fixed<const K: usize>(a: Inc<f64>) {
    *a += K as f64;
}

struct Mesh {
    cells: Set<Cells>,
    to_nodes: Map<Cells, Nodes, 3>,
    to_edges: Map<Cells, Edges, 2>,
    a: Mat<Nodes, Edges, f64>,
}

fn run(cx: &Context, mesh: &Mesh, x: &Dat<Nodes, f64>, fixed_nodes: &Subset<Nodes>) -> op2::Result<()> {
    let Mesh { cells, to_nodes, to_edges, a } = mesh;
    let pattern = Sparsity::new(&(to_nodes, to_edges))?;
    let blocks: Mat<Nodes, Edges, [[f32; 1]; 2]> = cx.mat("blocks", &pattern)?;
    par_loop!(tensor, cells, a(Inc, to_nodes, to_edges))?;
    par_loop!(tensor, mesh.cells, mesh.a(Inc, mesh.to_nodes, mesh.to_edges))?;
    par_loop!(write, cells, a(Write, to_nodes, to_edges))?;
    par_loop!(nested, cells, blocks(Inc, to_nodes, to_edges))?;
    par_loop!(flat, cells, blocks(Inc, to_nodes, to_edges))?;
    par_loop!(entry, cells, a(Inc, to_nodes[i], to_edges[j]), index(j), x(Read, to_nodes[i]))?;
    par_loop!(fixed::<3>, cells, a(Inc, to_nodes[2], to_edges[1]))?;
    let free = to_nodes.without(fixed_nodes)?;
    par_loop!(tensor, cells, a(Inc, free, to_edges))?;
    // A dat may be called as the index is.
    let i = x;
    par_loop!(entry, cells, a(Inc, to_nodes[i], to_edges[j]), index(i), i(Read, to_nodes[0]))
}

fn main() {}

//! The spellings that programs rely on, all in one place.
#![forbid(unsafe_code)]
use op2::prelude::*;

op2::sets! {
    /// Mesh vertices.
    pub Nodes;
    pub Edges;
    pub Cells;
}

op2::constants! {
    /// Ratio of specific heats.
    pub GAM: f64 = 1.4;
    pub QINF: [f64; 4];
}

#[op2::kernel]
fn res_calc(
    x1: &[f64; 2], x2: &[f64; 2],
    q1: &[f64; 4], q2: &[f64; 4],
    adt1: &f64, adt2: &f64,
    res1: Inc<[f64; 4]>, res2: Inc<[f64; 4]>,
) {
    let dx = x1[0] - x2[0];
    let p1 = (GAM - 1.0) * (q1[3] - 0.5 * (q1[1] * q1[1] + q1[2] * q1[2]) / q1[0]);
    let flux = dx * p1 + 0.5 * (adt1 + adt2) * (q1[0] - q2[0]);
    res1[0] += flux;
    res2[0] -= flux;
}

#[op2::kernel]
fn update(qold: &[f64; 4], q: Write<[f64; 4]>, res: &mut [f64; 4], adt: &f64, rms: Inc<f64>) {
    for n in 0..4 {
        let del = res[n] / *adt;
        q[n] = qold[n] - del;
        res[n] = 0.0;
        *rms += del * del;
    }
}

#[repr(C)]
#[derive(Clone, Copy, op2::Element)]
struct Probe {
    id: u64,
    low: f64,
}

#[op2::kernel]
fn probe(i: &u64, q: &[f64; 4], p: Write<Probe>, low: Min<f64>, high: Max<[f64; 2]>) {
    *p = Probe { id: *i, low: q[0] };
    *low = (*low).min(q[0]);
    for k in 0..2 {
        high[k] = high[k].max(q[k]);
    }
}

#[op2::kernel]
fn around(x: &[[f64; 2]; 3], sum: Inc<[[f64; 2]; 3]>) {
    for k in 0..3 {
        sum[k][0] += x[k][0];
    }
}

struct Mesh {
    edges: Set<Edges>,
    edge_cells: Map<Edges, Cells, 2>,
    q: Dat<Cells, [f64; 4]>,
}

impl Mesh {
    fn few(&self, cx: &Context) -> op2::Result<Subset<Edges>> {
        let a = cx.subset("a", &self.edges, vec![0, 1])?;
        let b = cx.subset("b", &self.edges, vec![1])?;
        let all = a.union(&b)?;
        all.intersection(&b)?.difference(&a)?;
        a.symmetric_difference(&b)
    }
}

fn main() -> op2::Result<()> {
    let cx = Context::builder().backend(Backend::Rayon).threads(4).build()?;
    let _: Backend = "seq".parse().map_err(op2::Error::other)?;
    let nodes = cx.set::<Nodes>(4)?;
    let edges = cx.set::<Edges>(2)?;
    let cells = cx.set::<Cells>(3)?;
    let table: &[[u32; 2]] = &[[0, 1], [1, 2]];
    let edge_nodes: Map<Edges, Nodes, 2> = cx.map("edge_nodes", &edges, &nodes, table)?;
    let edge_cells: Map<Edges, Cells, 2> = cx.map("edge_cells", &edges, &cells, vec![[0, 1], [1, 2]])?;
    let cell_nodes: Map<Cells, Nodes, 3> = cx.map("cell_nodes", &cells, &nodes, vec![[0, 1, 2]; 3])?;
    let x:   Dat<Nodes, [f64; 2]> = cx.dat("x", &nodes, vec![[0.5; 2]; 4])?;
    let q:   Dat<Cells, [f64; 4]> = cx.dat("q", &cells, vec![[1.0; 4]; 3])?;
    let qold: Dat<Cells, [f64; 4]> = cx.dat("qold", &cells, vec![[1.0; 4]; 3])?;
    let adt: Dat<Cells, f64>      = cx.dat("adt", &cells, vec![1.0; 3])?;
    let res: Dat<Cells, [f64; 4]> = cx.dat_zeros("res", &cells)?;
    let sums: Dat<Nodes, [f64; 2]> = cx.dat_zeros("sums", &nodes)?;
    let probes: Dat<Cells, Probe> = cx.dat_zeros("probes", &cells)?;
    let rms: Global<f64>          = cx.global("rms", 0.0);

    par_loop!(res_calc, edges,
        x(Read, edge_nodes[0]), x(Read, edge_nodes[1]),
        q(Read, edge_cells[0]), q(Read, edge_cells[1]),
        adt(Read, edge_cells[0]), adt(Read, edge_cells[1]),
        res(Inc, edge_cells[0]), res(Inc, edge_cells[1]))?;
    par_loop!(update, cells, qold(Read), q(Write), res(Rw), adt(Read), rms(Inc))?;
    par_loop!(around, cells, x(Read, cell_nodes), sums(Inc, cell_nodes))?;

    println!("{:e}", (rms.value()? / cells.size() as f64).sqrt());
    for q in q.read()?.iter() {
        assert_eq!(q.len(), 4);
    }
    q.write()?[0] = [2.0; 4];
    rms.set(0.0);
    GAM.set(1.3);
    QINF.set([GAM.get(); 4]);

    let (low, high) = (cx.reduction::<f64>("low"), cx.reduction::<[f64; 2]>("high"));
    par_loop!(probe, cells, index(), q(Read), probes(Write), low(Min), high(Max))?;
    assert!(low.value()? <= high.value()?[0]);
    assert_eq!(probes.read()?[2].id, 2);

    let mesh = Mesh { edges, edge_cells, q };
    let few = mesh.few(&cx)?;
    par_loop!(res_calc, few,
        x(Read, edge_nodes[0]), x(Read, edge_nodes[1]),
        mesh.q(Read, mesh.edge_cells[0]), mesh.q(Read, mesh.edge_cells[1]),
        adt(Read, mesh.edge_cells[0]), adt(Read, mesh.edge_cells[1]),
        res(Inc, mesh.edge_cells[0]), res(Inc, mesh.edge_cells[1]))?;

    let mut r1 = [0.0; 4];
    let mut r2 = [0.0; 4];
    let (one, two) = ([1.0, 0.0], [0.0, 0.0]);
    res_calc(&one, &two, &[1.0; 4], &[1.0; 4], &1.0, &1.0, &mut r1, &mut r2);
    assert_eq!(r1[0], -r2[0]);
    Ok(())
}

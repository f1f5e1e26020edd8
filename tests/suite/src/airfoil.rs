//! The airfoil on its small mesh, against the digits of a strictly sequential program.

#![allow(dead_code, reason = "the example uses the rest of its modules")]

use op2::prelude::*;

use crate::target::Target;

#[path = "../../../examples/airfoil/kernels.rs"]
mod gas;
#[path = "../../../examples/airfoil/mesh.rs"]
mod mesh;

use gas::{CFL, EPS, GAM, GM1, QINF, adt_calc, bres_calc, res_calc, save_soln, update};
use mesh::AirfoilMesh;

const MESH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/airfoil_small.dat.zst");

/// `(iteration, rms)` in double precision, sequential, without fused operations.
#[allow(clippy::excessive_precision, reason = "as published")]
const STRICT_RMS: [(u32, f64); 3] = [
    (1, 4.690_809_574_180_073_06e-3),
    (10, 2.005_077_508_963_954_39e-3),
    (100, 4.836_839_124_188_207_25e-4),
];

op2::sets! {
    Nodes;
    Edges;
    Bedges;
    Cells;
}

struct Flow<T> {
    edges: Set<Edges>,
    bedges: Set<Bedges>,
    cells: Set<Cells>,
    cell_nodes: Map<Cells, Nodes, 4>,
    edge_nodes: Map<Edges, Nodes, 2>,
    edge_cells: Map<Edges, Cells, 2>,
    bedge_nodes: Map<Bedges, Nodes, 2>,
    bedge_cell: Map<Bedges, Cells, 1>,
    bound: Dat<Bedges, i32>,
    x: Dat<Nodes, [T; 2]>,
    q: Dat<Cells, [T; 4]>,
    qold: Dat<Cells, [T; 4]>,
    adt: Dat<Cells, T>,
    res: Dat<Cells, [T; 4]>,
    rms: Reduction<T>,
}

impl<T: Real> Flow<T> {
    fn new(cx: &Context, mesh: AirfoilMesh) -> op2::Result<Self> {
        let stream = set_constants().map(T::from_f64);
        let nodes = cx.set(mesh.coords.len())?;
        let (edges, bedges) = (cx.set(mesh.edge_nodes.len())?, cx.set(mesh.bound.len())?);
        let cells = cx.set(mesh.cell_nodes.len())?;
        let coords: Vec<_> = mesh.coords.iter().map(|x| x.map(T::from_f64)).collect();
        Ok(Self {
            cell_nodes: cx.map("cell_nodes", &cells, &nodes, mesh.cell_nodes)?,
            edge_nodes: cx.map("edge_nodes", &edges, &nodes, mesh.edge_nodes)?,
            edge_cells: cx.map("edge_cells", &edges, &cells, mesh.edge_cells)?,
            bedge_nodes: cx.map("bedge_nodes", &bedges, &nodes, mesh.bedge_nodes)?,
            bedge_cell: cx.map("bedge_cell", &bedges, &cells, mesh.bedge_cell)?,
            bound: cx.dat("bound", &bedges, mesh.bound)?,
            x: cx.dat("x", &nodes, coords)?,
            q: cx.dat("q", &cells, vec![stream; cells.size()])?,
            qold: cx.dat_zeros("qold", &cells)?,
            adt: cx.dat_zeros("adt", &cells)?,
            res: cx.dat_zeros("res", &cells)?,
            rms: cx.reduction("rms"),
            edges,
            bedges,
            cells,
        })
    }

    /// One time step of two stages; the root mean square of the second one's changes.
    fn step(&self) -> op2::Result<f64> {
        let Self { edges, bedges, cells, cell_nodes: cn, edge_nodes: en, edge_cells: ec, .. } =
            self;
        let Self { bedge_nodes: bn, bedge_cell: bc, x, q, qold, adt, res, rms, bound, .. } = self;
        par_loop!(save_soln, cells, q(Read), qold(Write))?;
        let mut sum = T::ZERO;
        for _stage in 0..2 {
            par_loop!(
                adt_calc,
                cells,
                x(Read, cn[0]),
                x(Read, cn[1]),
                x(Read, cn[2]),
                x(Read, cn[3]),
                q(Read),
                adt(Write)
            )?;
            par_loop!(
                res_calc,
                edges,
                x(Read, en[0]),
                x(Read, en[1]),
                q(Read, ec[0]),
                q(Read, ec[1]),
                adt(Read, ec[0]),
                adt(Read, ec[1]),
                res(Inc, ec[0]),
                res(Inc, ec[1])
            )?;
            par_loop!(
                bres_calc,
                bedges,
                x(Read, bn[0]),
                x(Read, bn[1]),
                q(Read, bc[0]),
                adt(Read, bc[0]),
                res(Inc, bc[0]),
                bound(Read)
            )?;
            par_loop!(update, cells, qold(Read), q(Write), res(Rw), adt(Read), rms(Inc))?;
            sum = rms.value()?;
        }
        Ok((sum.to_f64() / cells.size() as f64).sqrt())
    }
}

/// OP2's constants, which are single precision literals stored in doubles; the free stream.
fn set_constants() -> [f64; 4] {
    let (gam, mach) = (f64::from(1.4_f32), f64::from(0.4_f32));
    GAM.set(gam);
    GM1.set(gam - 1.0);
    CFL.set(f64::from(0.9_f32));
    EPS.set(f64::from(0.05_f32));
    let u = gam.sqrt() * mach;
    QINF.set([1.0, u, 0.0, 1.0 / (gam - 1.0) + 0.5 * u * u]);
    QINF.get()
}

pub fn the_published_digits(target: &Target) {
    // Checking every element takes time: the first iterations will do.
    let iterations = if target.finds_mistakes() { 10 } else { 100 };
    let flow = Flow::<f64>::new(&target.context(), AirfoilMesh::read(MESH).unwrap()).unwrap();
    let rms: Vec<f64> = (0..iterations).map(|_| flow.step().unwrap()).collect();
    for (iteration, strict) in STRICT_RMS {
        let Some(&rms) = rms.get(iteration as usize - 1) else { continue };
        assert!(target.agrees(rms, strict, strict), "{iteration}: {rms:.17e}, not {strict:.17e}");
    }
}

pub fn single_precision_stays_near(target: &Target) {
    let flow = Flow::<f32>::new(&target.context(), AirfoilMesh::read(MESH).unwrap()).unwrap();
    let rms = flow.step().unwrap();
    assert!((rms / STRICT_RMS[0].1 - 1.0).abs() < 1e-3, "{rms:.17e}");
}

pub fn a_shuffled_mesh_carries_the_same_flow(target: &Target) {
    let mut mesh = AirfoilMesh::generate(20, 30).unwrap();
    let run = |mesh: &AirfoilMesh| {
        let flow = Flow::<f64>::new(&target.context(), mesh.clone()).unwrap();
        (0..20).map(|_| flow.step().unwrap()).collect::<Vec<_>>()
    };
    let (ordered, seed) = (run(&mesh), 5);
    mesh.shuffle(seed);
    for (ordered, shuffled) in ordered.into_iter().zip(run(&mesh)) {
        assert!((shuffled / ordered - 1.0).abs() < 1e-11, "{shuffled:.17e}, {ordered:.17e}");
    }
}

//! tmp
mod kernels;
mod mesh;
mod published;
use kernels::*;
use op2::prelude::*;
op2::sets! { pub Nodes; pub Edges; pub Bedges; pub Cells; }
fn go<T: Real>(cx: &Context, mesh: mesh::AirfoilMesh, iters: usize) -> op2::Result<()> {
    let (gam, mach) = (f64::from(1.4_f32), f64::from(0.4_f32));
    let gm1 = gam - 1.0;
    GAM.set(gam);
    GM1.set(gm1);
    CFL.set(f64::from(0.9_f32));
    EPS.set(f64::from(0.05_f32));
    let (p, r) = (1.0, 1.0);
    let u = (gam * p / r).sqrt() * mach;
    let e = p / (r * gm1) + 0.5 * u * u;
    QINF.set([r, r * u, 0.0, r * e]);
    let nodes = cx.set::<Nodes>(mesh.coords.len())?;
    let edges = cx.set::<Edges>(mesh.edge_nodes.len())?;
    let bedges = cx.set::<Bedges>(mesh.bedge_nodes.len())?;
    let cells = cx.set::<Cells>(mesh.num_cells())?;
    let cn = cx.map("cell_nodes", &cells, &nodes, mesh.cell_nodes)?;
    let en = cx.map("edge_nodes", &edges, &nodes, mesh.edge_nodes)?;
    let ec = cx.map("edge_cells", &edges, &cells, mesh.edge_cells)?;
    let bn = cx.map("bedge_nodes", &bedges, &nodes, mesh.bedge_nodes)?;
    let bc = cx.map("bedge_cell", &bedges, &cells, mesh.bedge_cell)?;
    let bound = cx.dat("bound", &bedges, mesh.bound)?;
    let x =
        cx.dat("x", &nodes, mesh.coords.iter().map(|c| c.map(T::from_f64)).collect::<Vec<_>>())?;
    let q = cx.dat("q", &cells, vec![[r, r * u, 0.0, r * e].map(T::from_f64); cells.size()])?;
    let qold = cx.dat_zeros::<_, [T; 4]>("qold", &cells)?;
    let adt = cx.dat_zeros::<_, T>("adt", &cells)?;
    let res = cx.dat_zeros::<_, [T; 4]>("res", &cells)?;
    let rms = cx.reduction::<T>("rms");
    let t = std::time::Instant::now();
    for it in 1..=iters {
        par_loop!(save_soln, cells, q(Read), qold(Write))?;
        let mut v = 0.0;
        for _ in 0..2 {
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
            v = rms.value()?.to_f64();
        }
        if it < 3 || it % 100 == 0 {
            println!("{it} {:.17e}", (v / cells.size() as f64).sqrt());
        }
    }
    println!("{:.2} ms/iter", t.elapsed().as_secs_f64() * 1e3 / iters as f64);
    println!("{}", op2_core::report::Report::measure(&cx.engine().profile, cx.threads()).unwrap());
    Ok(())
}
fn main() -> op2::Result<()> {
    let a: Vec<String> = std::env::args().collect();
    let n: Vec<usize> = a[1].split(',').map(|x| x.parse().unwrap()).collect();
    let mesh = mesh::AirfoilMesh::generate(n[0], n[1]).unwrap();
    let cx = Context::from_env()?;
    go::<f64>(&cx, mesh, a[2].parse().unwrap())
}

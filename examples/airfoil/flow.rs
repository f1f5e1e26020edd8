//! The flow on its mesh: what is declared once, and one time step.

use op2::prelude::*;

use super::kernels::{CFL, EPS, GAM, GM1, QINF, adt_calc, bres_calc, res_calc, save_soln, update};
use super::mesh::AirfoilMesh;

op2::sets! {
    /// Corners of cells.
    pub(crate) Nodes;
    /// Sides between two cells.
    pub(crate) Edges;
    /// Sides on the boundary.
    pub(crate) Bedges;
    /// Quadrilaterals.
    pub(crate) Cells;
}

/// Everything the time loop needs.
pub(crate) struct Flow<T> {
    pub(crate) cells: Set<Cells>,
    pub(crate) edges: Set<Edges>,
    pub(crate) bedges: Set<Bedges>,
    pub(crate) cell_nodes: Map<Cells, Nodes, 4>,
    pub(crate) edge_nodes: Map<Edges, Nodes, 2>,
    pub(crate) edge_cells: Map<Edges, Cells, 2>,
    pub(crate) bedge_nodes: Map<Bedges, Nodes, 2>,
    pub(crate) bedge_cell: Map<Bedges, Cells, 1>,
    pub(crate) x: Dat<Nodes, [T; 2]>,
    /// Density, momentum, energy per volume.
    pub(crate) q: Dat<Cells, [T; 4]>,
    pub(crate) qold: Dat<Cells, [T; 4]>,
    pub(crate) adt: Dat<Cells, T>,
    pub(crate) res: Dat<Cells, [T; 4]>,
    pub(crate) bound: Dat<Bedges, i32>,
    rms: Reduction<T>,
}

impl<T: Real> Flow<T> {
    /// Sets the constants, and declares the mesh with the free stream everywhere.
    pub(crate) fn declare(cx: &Context, mesh: AirfoilMesh) -> op2::Result<Self> {
        let free_stream = set_constants().map(T::from_f64);
        let nodes = cx.set::<Nodes>(mesh.coords.len())?;
        let edges = cx.set::<Edges>(mesh.edge_nodes.len())?;
        let bedges = cx.set::<Bedges>(mesh.bedge_nodes.len())?;
        let cells = cx.set::<Cells>(mesh.cell_nodes.len())?;
        let coords: Vec<[T; 2]> = mesh.coords.iter().map(|x| x.map(T::from_f64)).collect();
        Ok(Self {
            cell_nodes: cx.map("cell_nodes", &cells, &nodes, mesh.cell_nodes)?,
            edge_nodes: cx.map("edge_nodes", &edges, &nodes, mesh.edge_nodes)?,
            edge_cells: cx.map("edge_cells", &edges, &cells, mesh.edge_cells)?,
            bedge_nodes: cx.map("bedge_nodes", &bedges, &nodes, mesh.bedge_nodes)?,
            bedge_cell: cx.map("bedge_cell", &bedges, &cells, mesh.bedge_cell)?,
            x: cx.dat("x", &nodes, coords)?,
            q: cx.dat("q", &cells, vec![free_stream; cells.size()])?,
            qold: cx.dat_zeros("qold", &cells)?,
            adt: cx.dat_zeros("adt", &cells)?,
            res: cx.dat_zeros("res", &cells)?,
            bound: cx.dat("bound", &bedges, mesh.bound)?,
            rms: cx.reduction("rms"),
            cells,
            edges,
            bedges,
        })
    }

    /// One time step of two stages; gives the root mean square change of the second.
    pub(crate) fn step(&self) -> op2::Result<f64> {
        self.save_soln()?;
        self.stage()?;
        let sum = self.stage()?;
        Ok((sum / self.cells.size() as f64).sqrt())
    }

    /// One stage; gives the sum of squared changes.
    fn stage(&self) -> op2::Result<f64> {
        self.adt_calc()?;
        self.res_calc()?;
        self.bres_calc()?;
        self.update()?;
        Ok(self.rms.value()?.to_f64())
    }

    /// Keeps the flow from before the step.
    pub(crate) fn save_soln(&self) -> op2::Result<()> {
        par_loop!(save_soln, self.cells, self.q(Read), self.qold(Write))
    }

    /// The time step of each cell.
    pub(crate) fn adt_calc(&self) -> op2::Result<()> {
        par_loop!(
            adt_calc,
            self.cells,
            self.x(Read, self.cell_nodes[0]),
            self.x(Read, self.cell_nodes[1]),
            self.x(Read, self.cell_nodes[2]),
            self.x(Read, self.cell_nodes[3]),
            self.q(Read),
            self.adt(Write)
        )
    }

    /// What flows through inner edges.
    pub(crate) fn res_calc(&self) -> op2::Result<()> {
        par_loop!(
            res_calc,
            self.edges,
            self.x(Read, self.edge_nodes[0]),
            self.x(Read, self.edge_nodes[1]),
            self.q(Read, self.edge_cells[0]),
            self.q(Read, self.edge_cells[1]),
            self.adt(Read, self.edge_cells[0]),
            self.adt(Read, self.edge_cells[1]),
            self.res(Inc, self.edge_cells[0]),
            self.res(Inc, self.edge_cells[1])
        )
    }

    /// What flows through the boundary.
    pub(crate) fn bres_calc(&self) -> op2::Result<()> {
        par_loop!(
            bres_calc,
            self.bedges,
            self.x(Read, self.bedge_nodes[0]),
            self.x(Read, self.bedge_nodes[1]),
            self.q(Read, self.bedge_cell[0]),
            self.adt(Read, self.bedge_cell[0]),
            self.res(Inc, self.bedge_cell[0]),
            self.bound(Read)
        )
    }

    /// The flow after the stage, and the sum of its squared changes.
    pub(crate) fn update(&self) -> op2::Result<()> {
        par_loop!(
            update,
            self.cells,
            self.qold(Read),
            self.q(Write),
            self.res(Rw),
            self.adt(Read),
            self.rms(Inc)
        )
    }
}

/// The Mach number of a cell, from its density, momentum and energy.
pub(crate) fn mach_number([r, ru, rv, re]: &[f64; 4]) -> f64 {
    let gam = GAM.get();
    let speed2 = (ru * ru + rv * rv) / (r * r);
    let p = (gam - 1.0) * (re - 0.5 * r * speed2);
    (speed2 * r / (gam * p)).sqrt()
}

/// OP2's constants, which are single precision literals stored in doubles: the published digits
/// depend on it. Gives the free stream at Mach 0.4.
fn set_constants() -> [f64; 4] {
    let (gam, mach) = (f64::from(1.4_f32), f64::from(0.4_f32));
    let gm1 = gam - 1.0;
    GAM.set(gam);
    GM1.set(gm1);
    CFL.set(f64::from(0.9_f32));
    EPS.set(f64::from(0.05_f32));
    let (p, r) = (1.0, 1.0);
    let u = (gam * p / r).sqrt() * mach;
    let e = p / (r * gm1) + 0.5 * u * u;
    let free_stream = [r, r * u, 0.0, r * e];
    QINF.set(free_stream);
    free_stream
}

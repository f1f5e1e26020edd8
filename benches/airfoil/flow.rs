//! The airfoil in op2: the loops of the example on arrays that the yardsticks can borrow.

use op2::prelude::*;

use crate::clock::{Clock, Loop};
use crate::kernels::{CFL, EPS, GAM, GM1, QINF, adt_calc, bres_calc, res_calc, save_soln, update};
use crate::mesh::AirfoilMesh;
use crate::plain::{Gas, State};

op2::sets! {
    pub(crate) Nodes;
    pub(crate) Edges;
    pub(crate) BoundaryEdges;
    pub(crate) Cells;
}

/// The flow on a mesh, and the arrays a step works on.
pub(crate) struct Flow {
    pub(crate) cx: Context,
    pub(crate) edges: Set<Edges>,
    pub(crate) bedges: Set<BoundaryEdges>,
    pub(crate) cells: Set<Cells>,
    pub(crate) cell_nodes: Map<Cells, Nodes, 4>,
    pub(crate) edge_nodes: Map<Edges, Nodes, 2>,
    pub(crate) edge_cells: Map<Edges, Cells, 2>,
    pub(crate) bedge_nodes: Map<BoundaryEdges, Nodes, 2>,
    pub(crate) bedge_cell: Map<BoundaryEdges, Cells, 1>,
    pub(crate) bound: Dat<BoundaryEdges, i32>,
    pub(crate) x: Dat<Nodes, [f64; 2]>,
    pub(crate) q: Dat<Cells, State>,
    pub(crate) q_old: Dat<Cells, State>,
    pub(crate) adt: Dat<Cells, f64>,
    pub(crate) res: Dat<Cells, State>,
    rms: Reduction<f64>,
}

impl Flow {
    /// The free stream everywhere.
    pub(crate) fn new(cx: Context, mesh: &AirfoilMesh) -> op2::Result<Self> {
        let gas = Gas::benchmark();
        set_constants(&gas);
        let nodes = cx.set::<Nodes>(mesh.coords.len())?;
        let edges = cx.set::<Edges>(mesh.edge_nodes.len())?;
        let bedges = cx.set::<BoundaryEdges>(mesh.bedge_nodes.len())?;
        let cells = cx.set::<Cells>(mesh.cell_nodes.len())?;
        Ok(Self {
            cell_nodes: cx.map("cell_nodes", &cells, &nodes, &mesh.cell_nodes)?,
            edge_nodes: cx.map("edge_nodes", &edges, &nodes, &mesh.edge_nodes)?,
            edge_cells: cx.map("edge_cells", &edges, &cells, &mesh.edge_cells)?,
            bedge_nodes: cx.map("bedge_nodes", &bedges, &nodes, &mesh.bedge_nodes)?,
            bedge_cell: cx.map("bedge_cell", &bedges, &cells, &mesh.bedge_cell)?,
            bound: cx.dat("bound", &bedges, &mesh.bound)?,
            x: cx.dat("x", &nodes, &mesh.coords)?,
            q: cx.dat("q", &cells, vec![gas.q_inf; cells.size()])?,
            q_old: cx.dat_zeros("q_old", &cells)?,
            adt: cx.dat_zeros("adt", &cells)?,
            res: cx.dat_zeros("res", &cells)?,
            rms: cx.reduction("rms"),
            edges,
            bedges,
            cells,
            cx,
        })
    }

    /// One iteration, two Runge-Kutta stages; the root mean square of the second one's changes.
    pub(crate) fn step(&self, clock: &mut Clock) -> op2::Result<f64> {
        clock.time(Loop::SaveSoln, || self.save_soln())?;
        let mut rms = 0.0;
        for _stage in 0..2 {
            clock.time(Loop::AdtCalc, || self.adt_calc())?;
            clock.time(Loop::ResCalc, || self.res_calc())?;
            clock.time(Loop::BresCalc, || self.bres_calc())?;
            rms = clock.time(Loop::Update, || self.update())?;
        }
        Ok((rms / self.cells.size() as f64).sqrt())
    }

    fn save_soln(&self) -> op2::Result<()> {
        par_loop!(save_soln, self.cells, self.q(Read), self.q_old(Write))
    }

    fn adt_calc(&self) -> op2::Result<()> {
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

    fn res_calc(&self) -> op2::Result<()> {
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

    fn bres_calc(&self) -> op2::Result<()> {
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

    fn update(&self) -> op2::Result<f64> {
        par_loop!(
            update,
            self.cells,
            self.q_old(Read),
            self.q(Write),
            self.res(Rw),
            self.adt(Read),
            self.rms(Inc)
        )?;
        self.rms.value()
    }

    /// Bytes that one step must move, per loop, as the library counts them.
    pub(crate) fn bytes_per_step(&self) -> op2::Result<[f64; Loop::COUNT]> {
        self.cx.reset_report();
        self.step(&mut Clock::new())?;
        let counters = self.cx.engine().profile.snapshot();
        Ok(Loop::ALL.map(|which| {
            let of = counters.iter().filter(|counter| counter.name == which.name());
            of.map(|counter| counter.bytes as f64).sum()
        }))
    }
}

fn set_constants(gas: &Gas) {
    GAM.set(gas.gam);
    GM1.set(gas.gm1);
    CFL.set(gas.cfl);
    EPS.set(gas.eps);
    QINF.set(gas.q_inf);
}

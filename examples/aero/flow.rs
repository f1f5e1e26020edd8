//! The flow on its mesh: what is declared once, and the parts of a step of Newton's method.

use op2::prelude::*;

use super::kernels::{MACH, advance, begin, correct, hold, reduce, velocity};
use super::mesh::AeroMesh;
use super::stiffness::{Form, Stiffness};

op2::sets! {
    /// Corners of cells.
    pub(crate) Nodes;
    /// Quadrilaterals.
    pub(crate) Cells;
}

/// Conjugate gradients stop when the residual is this part of what it was, or give up.
const REDUCTION: f64 = 0.1;
const MAX_ITERATIONS: u32 = 200;

/// Everything the steps need.
pub(crate) struct Flow {
    pub(crate) nodes: Set<Nodes>,
    pub(crate) cells: Set<Cells>,
    /// The nodes where the potential is known.
    far_field: Subset<Nodes>,
    pub(crate) cell_nodes: Map<Cells, Nodes, 4>,
    pub(crate) x: Dat<Nodes, [f64; 2]>,
    pub(crate) phi: Dat<Nodes, f64>,
    /// The residual; zero between steps.
    r: Dat<Nodes, f64>,
    /// The direction in which conjugate gradients go, and what the matrix makes of it; that is
    /// zero except between `multiply` and `reduce`.
    p: Dat<Nodes, f64>,
    kp: Dat<Nodes, f64>,
    correction: Dat<Nodes, f64>,
    stiffness: Stiffness,
    square: Reduction<f64>,
}

/// What one step did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Step {
    /// Root mean square of the correction.
    pub(crate) rms: f64,
    /// Iterations of conjugate gradients.
    pub(crate) cg_iterations: u32,
}

impl Flow {
    /// Declares the mesh with the free stream everywhere.
    pub(crate) fn declare(cx: &Context, mesh: AeroMesh, form: Form) -> op2::Result<Self> {
        let nodes = cx.set::<Nodes>(mesh.coords.len())?;
        let cells = cx.set::<Cells>(mesh.cell_nodes.len())?;
        let phi: Vec<f64> = mesh.coords.iter().map(|x| MACH.get() * x[0]).collect();
        let cell_nodes = cx.map("cell_nodes", &cells, &nodes, mesh.cell_nodes)?;
        let x = cx.dat("x", &nodes, mesh.coords)?;
        cx.partition(&Partition::rcb_of(&cell_nodes, &x))?;
        Ok(Self {
            far_field: cx.subset("far_field", &nodes, mesh.far_field)?,
            phi: cx.dat("phi", &nodes, phi)?,
            r: cx.dat_zeros("r", &nodes)?,
            p: cx.dat_zeros("p", &nodes)?,
            kp: cx.dat_zeros("kp", &nodes)?,
            correction: cx.dat_zeros("correction", &nodes)?,
            stiffness: Stiffness::declare(cx, form, &cells, &cell_nodes, &x)?,
            square: cx.reduction("square"),
            nodes,
            cells,
            cell_nodes,
            x,
        })
    }

    /// The residual and the matrix at the current potential.
    pub(crate) fn linearize(&self) -> op2::Result<()> {
        self.stiffness.linearize(&self.phi, &self.r)?;
        par_loop!(hold, self.far_field, self.r(Write))
    }

    /// Solves for the correction by conjugate gradients; gives the number of iterations.
    pub(crate) fn solve(&self) -> op2::Result<u32> {
        let mut square = self.begin()?;
        let enough = REDUCTION * square.sqrt();
        let mut iterations = 0;
        while square.sqrt() > enough && iterations < MAX_ITERATIONS {
            square = self.iterate(square)?;
            iterations += 1;
        }
        Ok(iterations)
    }

    /// Sets out from no correction; gives the square of the residual.
    pub(crate) fn begin(&self) -> op2::Result<f64> {
        par_loop!(
            begin,
            self.nodes,
            self.r(Read),
            self.p(Write),
            self.correction(Write),
            self.square(Inc)
        )?;
        self.square.value()
    }

    /// One iteration; `square` is that of the residual before, the result that after.
    pub(crate) fn iterate(&self, square: f64) -> op2::Result<f64> {
        let alpha = square / self.multiply()?;
        par_loop!(reduce, self.nodes, alpha(Read), self.kp(Rw), self.r(Rw), self.square(Inc))?;
        let reduced = self.square.value()?;
        let beta = reduced / square;
        par_loop!(
            advance,
            self.nodes,
            alpha(Read),
            beta(Read),
            self.r(Read),
            self.p(Rw),
            self.correction(Rw)
        )?;
        Ok(reduced)
    }

    /// `K p`, without the rows of the far field; gives `p . K p`.
    fn multiply(&self) -> op2::Result<f64> {
        let energy = self.stiffness.multiply(&self.p, &self.kp)?;
        // `p` is zero on the far field, so these rows are not part of the energy.
        par_loop!(hold, self.far_field, self.kp(Write))?;
        Ok(energy)
    }

    /// Corrects the potential; gives the root mean square of the correction.
    pub(crate) fn correct(&self) -> op2::Result<f64> {
        par_loop!(
            correct,
            self.nodes,
            self.correction(Read),
            self.phi(Rw),
            self.r(Write),
            self.square(Inc)
        )?;
        Ok((self.square.value()? / self.nodes.size() as f64).sqrt())
    }

    /// The velocity in the middle of each cell, in units of the speed of sound far away.
    pub(crate) fn velocity(&self, cx: &Context) -> op2::Result<Vec<[f64; 2]>> {
        let u: Dat<Cells, [f64; 2]> = cx.dat_zeros("u", &self.cells)?;
        par_loop!(
            velocity,
            self.cells,
            self.x(Read, self.cell_nodes),
            self.phi(Read, self.cell_nodes),
            u(Write)
        )?;
        u.to_vec()
    }
}

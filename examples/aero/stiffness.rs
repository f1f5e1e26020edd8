//! The matrix of a Newton step.
//!
//! Conjugate gradients need no more of it than its product with a vector, so its form is this
//! file's own business.

use op2::prelude::*;

use super::flow::{Cells, Nodes};
use super::kernels::{linearize, multiply};

/// The matrix as the six values that bind the nodes of each cell to one another: nothing is added
/// up over cells before it meets a vector.
pub(crate) struct Stiffness {
    cells: Set<Cells>,
    cell_nodes: Map<Cells, Nodes, 4>,
    x: Dat<Nodes, [f64; 2]>,
    bonds: Dat<Cells, [f64; 6]>,
    energy: Reduction<f64>,
}

impl Stiffness {
    /// Makes room for it.
    pub(crate) fn declare(
        cx: &Context,
        cells: &Set<Cells>,
        cell_nodes: &Map<Cells, Nodes, 4>,
        x: &Dat<Nodes, [f64; 2]>,
    ) -> op2::Result<Self> {
        Ok(Self {
            cells: cells.clone(),
            cell_nodes: cell_nodes.clone(),
            x: x.clone(),
            bonds: cx.dat_zeros("bonds", cells)?,
            energy: cx.reduction("energy"),
        })
    }

    /// Becomes the matrix at the potential `phi`; adds the residual to `r`.
    pub(crate) fn linearize(&self, phi: &Dat<Nodes, f64>, r: &Dat<Nodes, f64>) -> op2::Result<()> {
        par_loop!(
            linearize,
            self.cells,
            self.x(Read, self.cell_nodes),
            phi(Read, self.cell_nodes),
            self.bonds(Write),
            r(Inc, self.cell_nodes)
        )
    }

    /// Adds `K p` to `kp`; gives `p . K p`.
    pub(crate) fn multiply(&self, p: &Dat<Nodes, f64>, kp: &Dat<Nodes, f64>) -> op2::Result<f64> {
        par_loop!(
            multiply,
            self.cells,
            self.bonds(Read),
            p(Read, self.cell_nodes),
            kp(Inc, self.cell_nodes),
            self.energy(Inc)
        )?;
        self.energy.value()
    }
}

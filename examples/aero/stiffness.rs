//! The matrix of a Newton step, in one of two forms.
//!
//! Conjugate gradients need no more of it than its product with a vector, so the form is this
//! file's own business.

use std::fmt;

use op2::prelude::*;

use super::flow::{Cells, Nodes};
use super::kernels::{assemble, linearize, multiply};

/// A way to keep the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Cell by cell, as OP2's program does: nothing is added up before it meets a vector.
    MatrixFree,
    /// As a sparse matrix.
    Assembled,
}

impl fmt::Display for Form {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str(match self {
            Self::MatrixFree => "matrix-free",
            Self::Assembled => "assembled",
        })
    }
}

/// The matrix.
pub(crate) struct Stiffness {
    cells: Set<Cells>,
    cell_nodes: Map<Cells, Nodes, 4>,
    x: Dat<Nodes, [f64; 2]>,
    values: Values,
    energy: Reduction<f64>,
}

enum Values {
    /// The six values that bind the nodes of each cell to one another.
    Bonds(Dat<Cells, [f64; 6]>),
    Matrix(Mat<Nodes, Nodes, f64>),
}

impl Stiffness {
    /// Makes room for it.
    pub(crate) fn declare(
        cx: &Context,
        form: Form,
        cells: &Set<Cells>,
        cell_nodes: &Map<Cells, Nodes, 4>,
        x: &Dat<Nodes, [f64; 2]>,
    ) -> op2::Result<Self> {
        let values = match form {
            Form::MatrixFree => Values::Bonds(cx.dat_zeros("bonds", cells)?),
            Form::Assembled => {
                let pattern = Sparsity::new(&[(cell_nodes, cell_nodes)])?;
                Values::Matrix(cx.mat("K", &pattern)?)
            }
        };
        Ok(Self {
            cells: cells.clone(),
            cell_nodes: cell_nodes.clone(),
            x: x.clone(),
            values,
            energy: cx.reduction("energy"),
        })
    }

    /// Becomes the matrix at the potential `phi`; adds the residual to `r`.
    pub(crate) fn linearize(&self, phi: &Dat<Nodes, f64>, r: &Dat<Nodes, f64>) -> op2::Result<()> {
        match &self.values {
            Values::Bonds(bonds) => par_loop!(
                linearize,
                self.cells,
                self.x(Read, self.cell_nodes),
                phi(Read, self.cell_nodes),
                bonds(Write),
                r(Inc, self.cell_nodes)
            ),
            Values::Matrix(k) => {
                k.zero()?;
                par_loop!(
                    assemble,
                    self.cells,
                    self.x(Read, self.cell_nodes),
                    phi(Read, self.cell_nodes),
                    k(Inc, self.cell_nodes, self.cell_nodes),
                    r(Inc, self.cell_nodes)
                )
            }
        }
    }

    /// Makes `K p` of `kp`, which comes as zeros; gives `p . K p`.
    pub(crate) fn multiply(&self, p: &Dat<Nodes, f64>, kp: &Dat<Nodes, f64>) -> op2::Result<f64> {
        match &self.values {
            Values::Bonds(bonds) => {
                par_loop!(
                    multiply,
                    self.cells,
                    bonds(Read),
                    p(Read, self.cell_nodes),
                    kp(Inc, self.cell_nodes),
                    self.energy(Inc)
                )?;
                self.energy.value()
            }
            Values::Matrix(k) => {
                k.multiply(p, kp)?;
                op2::builtins::dot(p, kp)
            }
        }
    }
}

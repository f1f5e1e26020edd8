//! A solution, and the numbers that a program compares.

use serde_json::{Value, json};

/// The solution of a problem on a mesh.
#[derive(Debug, Clone)]
pub(crate) struct Solution {
    pub(crate) nodes: usize,
    pub(crate) cells: usize,
    /// Entries of the stiffness matrix, zeros among them included.
    pub(crate) nnz: usize,
    /// The Frobenius norm of the stiffness matrix, before boundary conditions.
    pub(crate) frobenius: f64,
    /// Area or volume of the mesh.
    pub(crate) measure: f64,
    /// The L2 norm of the error, and that of its gradient (H1 seminorm), where the solution is known.
    pub(crate) errors: Option<[f64; 2]>,
    pub(crate) max_u: f64,
    pub(crate) integral_u: f64,
    /// `u . K u`, the integral of the square of the gradient.
    pub(crate) energy: f64,
    /// Iterations of conjugate gradients.
    pub(crate) iterations: usize,
    /// `|b - K u| / |b|`.
    pub(crate) residual: f64,
    /// Values at the nodes, `[nodes]`.
    pub(crate) u: Vec<f64>,
    /// The known solution there.
    pub(crate) exact: Option<Vec<f64>>,
}

impl Solution {
    /// The numbers by their names in reports.
    pub(crate) fn numbers(&self) -> [(&'static str, Value); 12] {
        let error = |which: usize| json!(self.errors.map(|errors| errors[which]));
        [
            ("nodes", json!(self.nodes)),
            ("cells", json!(self.cells)),
            ("nnz", json!(self.nnz)),
            ("frobenius", json!(self.frobenius)),
            ("measure", json!(self.measure)),
            ("l2_error", error(0)),
            ("h1_error", error(1)),
            ("max_u", json!(self.max_u)),
            ("integral_u", json!(self.integral_u)),
            ("energy", json!(self.energy)),
            ("iterations", json!(self.iterations)),
            ("residual", json!(self.residual)),
        ]
    }

    /// The numbers as a text of two columns.
    pub(crate) fn table(&self) -> String {
        let known = self.numbers().into_iter().filter(|(_, value)| !value.is_null());
        let rows: Vec<_> = known.map(|(name, value)| format!("{name:<12}{value}")).collect();
        rows.join("\n")
    }
}

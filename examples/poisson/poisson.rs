//! Poisson's equation on one mesh, from the mesh to the solution: the heart of the program.
//!
//! The integrals are in `kernels`, the problems in `problem`, what is done with a solution in
//! `results`.

use op2::io::{Finding, Mesh, MeshSets, Shape, Topology};
use op2::prelude::*;
use op2::solve::precond::{Ic0, Jacobi, Ssor};
use op2::solve::{CgOptions, Preconditioner, SolveReport, cg};

use crate::common::given::choice;
use crate::common::phases::Phases;
use crate::common::quadrature::{Rule, TETRAHEDRON_8, TRIANGLE_8};
use crate::kernels::{errors, integrals, load, prescribe, stiffness};
use crate::problem::Problem;
use crate::solution::Solution;

op2::sets! {
    pub(crate) Nodes;
    pub(crate) Cells;
}

/// How small the residual becomes, so that what the solver leaves does not show in the errors.
const RTOL: f64 = 1e-12;

choice! {
    /// What conjugate gradients are preconditioned with.
    Conditioning { Jacobi = "jacobi", Ssor = "ssor", Ic0 = "ic0" }
}

/// What to solve, and how.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Task {
    pub(crate) problem: Problem,
    pub(crate) conditioning: Conditioning,
}

/// Solves a problem on a mesh of triangles or tetrahedra.
///
/// # Errors
/// A mesh of other cells, with flat ones or without boundary; a problem that it does not fit; as any
/// loop.
pub(crate) fn solve(
    cx: &Context,
    mesh: &Mesh,
    task: Task,
    phases: &mut Phases,
) -> op2::Result<Solution> {
    let problem = task.problem;
    let shape = mesh.only_shape().map_err(op2::Error::other)?;
    check(mesh)?;
    if let Some(reason) = problem.objection(shape.dim(), mesh.dim) {
        return Err(op2::Error::other(format!("problem `{problem}` {reason}")));
    }
    match (shape, mesh.dim) {
        (Shape::Triangle, 2) => run::<2, 3, _>(cx, mesh, task, TRIANGLE_8, phases),
        (Shape::Triangle, _) => run::<3, 3, _>(cx, mesh, task, TRIANGLE_8, phases),
        (Shape::Tetrahedron, _) => run::<3, 4, _>(cx, mesh, task, TETRAHEDRON_8, phases),
        (other, _) => Err(op2::Error::other(format!(
            "the cells are {other}s; this program is for triangles and tetrahedra"
        ))),
    }
}

/// Whether finite elements make sense on a mesh; which way around cells list their corners does not
/// matter.
fn check(mesh: &Mesh) -> op2::Result<()> {
    let harmless = |finding: &Finding| {
        matches!(
            finding,
            Finding::AllInverted | Finding::MixedOrientation { .. } | Finding::Loose { .. }
        )
    };
    let findings = mesh.check();
    findings
        .iter()
        .find(|finding| !harmless(finding))
        .map_or(Ok(()), |finding| Err(op2::Error::other(finding)))
}

/// The steps of the method.
fn run<const D: usize, const N: usize, const Q: usize>(
    cx: &Context,
    mesh: &Mesh,
    task: Task,
    rule: Rule<N, Q>,
    phases: &mut Phases,
) -> op2::Result<Solution> {
    let mut poisson: Poisson<D, N, Q> =
        phases.time("declare", || Poisson::declare(cx, mesh, task.problem, rule))?;
    phases.time("matrix", || poisson.assemble_matrix())?;
    let frobenius = poisson.k.frobenius_norm()?;
    phases.time("load", || poisson.assemble_load())?;
    phases.time("boundary", || poisson.constrain())?;
    let m = phases.time("precondition", || poisson.preconditioner(task.conditioning))?;
    let report = phases.time("solve", || poisson.solve(&*m))?;
    let solution = phases.time("integrate", || poisson.evaluate(cx, &report))?;
    Ok(Solution { frobenius, ..solution })
}

type AnyPreconditioner = dyn Preconditioner<Dat<Nodes, f64>>;

/// The equations `K u = b` on cells with `N` corners in `D` dimensions, integrated with `Q` points.
struct Poisson<const D: usize, const N: usize, const Q: usize> {
    problem: Problem,
    rule: Rule<N, Q>,
    mesh: MeshSets<Nodes, Cells, N, D>,
    boundary: Subset<Nodes>,
    k: Mat<Nodes, Nodes, f64>,
    b: Dat<Nodes, f64>,
    u: Dat<Nodes, f64>,
}

impl<const D: usize, const N: usize, const Q: usize> Poisson<D, N, Q> {
    /// Declares sets, maps and dats; nothing is computed yet.
    fn declare(cx: &Context, mesh: &Mesh, problem: Problem, rule: Rule<N, Q>) -> op2::Result<Self> {
        let boundary = boundary_nodes(mesh)?;
        let mesh: MeshSets<Nodes, Cells, N, D> = mesh.declare(cx)?;
        cx.partition(&Partition::rcb_of(&mesh.cell_nodes, &mesh.x))?;
        let pattern = Sparsity::new(&[(&mesh.cell_nodes, &mesh.cell_nodes)])?;
        Ok(Self {
            problem,
            rule,
            boundary: cx.subset("boundary", &mesh.nodes, boundary)?,
            k: cx.mat("K", &pattern)?,
            b: cx.dat_zeros("b", &mesh.nodes)?,
            u: cx.dat_zeros("u", &mesh.nodes)?,
            mesh,
        })
    }

    /// `K`, the integrals of `grad N_i . grad N_j`.
    fn assemble_matrix(&self) -> op2::Result<()> {
        let Self { k, mesh: MeshSets { cells, cell_nodes, x, .. }, .. } = self;
        par_loop!(stiffness, cells, x(Read, cell_nodes), k(Inc, cell_nodes, cell_nodes))
    }

    /// `b`, the integrals of `f N_i`.
    fn assemble_load(&self) -> op2::Result<()> {
        let Self { problem, b, mesh: MeshSets { cells, cell_nodes, x, .. }, .. } = self;
        let Rule { points, weights } = self.rule;
        par_loop!(
            load,
            cells,
            problem(Read),
            points(Read),
            weights(Read),
            x(Read, cell_nodes),
            b(Inc, cell_nodes)
        )
    }

    /// Prescribes `u` on the boundary: what is known moves to the right-hand side, so that `K` stays
    /// symmetric.
    fn constrain(&self) -> op2::Result<()> {
        let Self { problem, k, b, u, boundary, mesh: MeshSets { x, .. }, .. } = self;
        par_loop!(prescribe, boundary, problem(Read), x(Read), u(Write))?;
        k.eliminate(boundary, u, b, 1.0)
    }

    fn preconditioner(&self, which: Conditioning) -> op2::Result<Box<AnyPreconditioner>> {
        Ok(match which {
            Conditioning::Jacobi => Box::new(Jacobi::new(&self.k)?),
            Conditioning::Ssor => Box::new(Ssor::gauss_seidel(&self.k)?),
            Conditioning::Ic0 => Box::new(Ic0::new(&self.k)?),
        })
    }

    /// Solves by conjugate gradients, from the boundary values on.
    fn solve(&mut self, preconditioner: &AnyPreconditioner) -> op2::Result<SolveReport> {
        let options = CgOptions { rtol: RTOL, preconditioner, ..Default::default() };
        cg(&self.k, &self.b, &mut self.u, options)
    }

    /// Everything that there is to know of the solution, but the norm of the matrix as it was.
    fn evaluate(&self, cx: &Context, report: &SolveReport) -> op2::Result<Solution> {
        let Self { u, mesh: MeshSets { nodes, cells, cell_nodes, x, .. }, .. } = self;
        let [measure, integral, energy] =
            ["measure", "integral", "energy"].map(|name| cx.reduction::<f64>(name));
        par_loop!(
            integrals,
            cells,
            x(Read, cell_nodes),
            u(Read, cell_nodes),
            measure(Inc),
            integral(Inc),
            energy(Inc)
        )?;
        let known = self.problem.has_solution();
        Ok(Solution {
            nodes: nodes.size(),
            cells: cells.size(),
            nnz: self.k.num_entries(),
            frobenius: f64::NAN,
            measure: measure.value()?,
            errors: known.then(|| self.errors(cx)).transpose()?,
            max_u: op2::builtins::max(u)?,
            integral_u: integral.value()?,
            energy: energy.value()?,
            iterations: report.iterations,
            residual: self.residual()?,
            u: u.to_vec()?,
            exact: known.then(|| self.exact()).transpose()?,
        })
    }

    /// The norms of the error and of its gradient.
    fn errors(&self, cx: &Context) -> op2::Result<[f64; 2]> {
        let Self { problem, u, mesh: MeshSets { cells, cell_nodes, x, .. }, .. } = self;
        let Rule { points, weights } = self.rule;
        let [l2, h1] = ["l2", "h1"].map(|name| cx.reduction::<f64>(name));
        par_loop!(
            errors,
            cells,
            problem(Read),
            points(Read),
            weights(Read),
            x(Read, cell_nodes),
            u(Read, cell_nodes),
            l2(Inc),
            h1(Inc)
        )?;
        Ok([l2.value()?.sqrt(), h1.value()?.sqrt()])
    }

    /// `|b - K u|` in parts of `|b|`, computed anew.
    fn residual(&self) -> op2::Result<f64> {
        let r = self.b.like("r")?;
        self.k.multiply(&self.u, &r)?;
        op2::builtins::axpy(-1.0, &self.b, &r)?;
        let size = op2::builtins::norm2(&self.b)?;
        Ok(op2::builtins::norm2(&r)? / if size > 0.0 { size } else { 1.0 })
    }

    /// The known solution at the nodes.
    fn exact(&self) -> op2::Result<Vec<f64>> {
        let Self { problem, mesh: MeshSets { nodes, x, .. }, .. } = self;
        let exact = self.u.like("exact")?;
        par_loop!(prescribe, nodes, problem(Read), x(Read), exact(Write))?;
        exact.to_vec()
    }
}

/// The nodes of the facets that have one cell only.
fn boundary_nodes(mesh: &Mesh) -> op2::Result<Vec<u32>> {
    let topology = Topology::of(mesh).map_err(op2::Error::other)?;
    let facets = topology.boundary();
    if facets.is_empty() {
        return Err(op2::Error::other("the mesh has no boundary: u would be given nowhere"));
    }
    Ok(facets.iter().flat_map(|&facet| topology.nodes(facet)).copied().collect())
}

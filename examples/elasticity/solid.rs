//! The solid: what is declared once, and the steps from the mesh to the displacement and what follows
//! from it.

use op2::io::{Facets, Mesh, MeshSets, Topology};
use op2::matrix::OneComponent;
use op2::prelude::*;
use op2::solve::precond::BlockJacobi;
use op2::solve::{CgOptions, SolveReport, cg};

use crate::faces;
use crate::kernels::{compare, follow, prescribe, pull, stiffness, strain, weigh};
use crate::problem::{LOW, PROBLEM, Problem, SIDES};

op2::sets! {
    /// Corners of cells.
    pub(crate) Nodes;
    /// Tetrahedra.
    pub(crate) Cells;
    /// The triangles of the boundary.
    pub(crate) Skin;
}

/// Conjugate gradients stop when the residual is this part of what it was.
const REDUCTION: f64 = 1e-12;

/// A solid with its supports and loads.
pub(crate) struct Solid {
    mesh: MeshSets<Nodes, Cells, 4, 3>,
    skin: Facets<Skin, Nodes, Cells, 3, 1>,
    /// Where the displacement is given, and which component of it.
    supports: Vec<(Subset<Nodes>, Option<usize>)>,
    pulled: Option<Pulled>,
    pub(crate) stiffness: Mat<Nodes, Nodes, [[f64; 3]; 3]>,
    load: Dat<Nodes, [f64; 3]>,
    pub(crate) u: Dat<Nodes, [f64; 3]>,
}

/// The face that is pulled.
struct Pulled {
    facets: Subset<Skin>,
    nodes: Subset<Nodes>,
    direction: [f64; 3],
}

/// How far a solution is from the formula.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Errors {
    /// Of the displacement, in the norm of L2.
    pub(crate) l2: f64,
    /// Of its gradient.
    pub(crate) h1: f64,
    /// The displacement of the formula.
    pub(crate) size: f64,
}

/// What follows from the displacement.
pub(crate) struct Stress {
    /// xx, yy, zz, xy, yz, zx.
    pub(crate) tensor: Dat<Cells, [f64; 6]>,
    pub(crate) mises: Dat<Cells, f64>,
    /// The elastic energy of the whole solid.
    pub(crate) energy: f64,
}

impl Solid {
    /// Declares the sets of a mesh, and room for the matrix and the vectors.
    ///
    /// # Errors
    /// A mesh of something else than tetrahedra, a face that is not there.
    pub(crate) fn declare(
        cx: &Context,
        mesh: &Mesh,
        problem: Problem,
        (clamp, load): (&str, &str),
    ) -> op2::Result<Self> {
        let topology = Topology::of(mesh)?;
        let sets: MeshSets<Nodes, Cells, 4, 3> = mesh.declare(cx)?;
        let skin = topology.declare_boundary(cx, &sets.nodes, &sets.cells)?;
        let nodes_of = |name: &str| {
            let face = faces::face(mesh, &topology, name)?;
            cx.subset(name, &sets.nodes, faces::nodes(&topology, &face))
        };
        let mut supports = Vec::new();
        for (name, component) in problem.supports(clamp) {
            supports.push((nodes_of(name)?, component));
        }
        let mut pulled = None;
        if let Some((name, direction)) = problem.pulled(load) {
            let facets = skin.group(cx, &faces::face(mesh, &topology, name)?)?;
            pulled = Some(Pulled { facets, nodes: nodes_of(name)?, direction });
        }
        let (low, sides) = faces::bounding_box(mesh);
        LOW.set(low);
        SIDES.set(sides);
        PROBLEM.set(problem as u32);
        cx.partition(&Partition::rcb_of(&sets.cell_nodes, &sets.x))?;
        let pattern = Sparsity::new(&[(&sets.cell_nodes, &sets.cell_nodes)])?;
        Ok(Self {
            stiffness: cx.mat("K", &pattern)?,
            load: cx.dat_zeros("load", &sets.nodes)?,
            u: cx.dat_zeros("u", &sets.nodes)?,
            mesh: sets,
            skin,
            supports,
            pulled,
        })
    }

    /// The stiffness matrix, and the load of the forces inside and of what pulls.
    pub(crate) fn assemble(&self) -> op2::Result<()> {
        let Self { mesh: m, skin, load, .. } = self;
        par_loop!(
            stiffness,
            m.cells,
            m.x(Read, m.cell_nodes),
            self.stiffness(Inc, m.cell_nodes, m.cell_nodes)
        )?;
        par_loop!(weigh, m.cells, m.x(Read, m.cell_nodes), load(Inc, m.cell_nodes))?;
        if let Some(Pulled { facets, .. }) = &self.pulled {
            par_loop!(pull, facets, m.x(Read, skin.nodes), load(Inc, skin.nodes))?;
        }
        Ok(())
    }

    /// Takes the displacements that are given out of the equations. The matrix stays symmetric.
    pub(crate) fn support(&self) -> op2::Result<()> {
        let given = self.u.like("given")?;
        par_loop!(prescribe, self.mesh.nodes, self.mesh.x(Read), given(Write))?;
        for (nodes, component) in &self.supports {
            match *component {
                None => self.stiffness.eliminate(nodes, &given, &self.load, 1.0)?,
                Some(one) => {
                    let roller = OneComponent(nodes, one);
                    self.stiffness.eliminate(&roller, &given, &self.load, 1.0)?;
                }
            }
        }
        Ok(())
    }

    /// Solves for the displacement. Three times the iterations that SSOR takes, in less time.
    pub(crate) fn solve(&mut self) -> op2::Result<SolveReport> {
        let preconditioner = BlockJacobi::new(&self.stiffness)?;
        let options =
            CgOptions { rtol: REDUCTION, preconditioner: &preconditioner, ..Default::default() };
        cg(&self.stiffness, &self.load, &mut self.u, options)
    }

    /// Stresses and energy.
    pub(crate) fn stress(&self, cx: &Context) -> op2::Result<Stress> {
        let m = &self.mesh;
        let tensor = cx.dat_zeros("stress", &m.cells)?;
        let mises = cx.dat_zeros("mises", &m.cells)?;
        let energy = cx.reduction("energy");
        par_loop!(
            strain,
            m.cells,
            m.x(Read, m.cell_nodes),
            self.u(Read, m.cell_nodes),
            tensor(Write),
            mises(Write),
            energy(Inc)
        )?;
        Ok(Stress { tensor, mises, energy: energy.value()? })
    }

    /// The distance from the formula.
    pub(crate) fn errors(&self, cx: &Context) -> op2::Result<Errors> {
        let m = &self.mesh;
        let [l2, h1, size] = ["l2", "h1", "size"].map(|name| cx.reduction::<f64>(name));
        par_loop!(
            compare,
            m.cells,
            m.x(Read, m.cell_nodes),
            self.u(Read, m.cell_nodes),
            l2(Inc),
            h1(Inc),
            size(Inc)
        )?;
        Ok(Errors { l2: l2.value()?.sqrt(), h1: h1.value()?.sqrt(), size: size.value()?.sqrt() })
    }

    /// How far the nodes of the pulled face have moved in its direction, on average.
    pub(crate) fn deflection(&self, cx: &Context) -> op2::Result<Option<f64>> {
        let Some(Pulled { nodes, direction, .. }) = &self.pulled else { return Ok(None) };
        let sum = cx.reduction::<f64>("sum");
        let direction = *direction;
        par_loop!(follow, nodes, direction(Read), self.u(Read), sum(Inc))?;
        Ok(Some(sum.value()? / nodes.size() as f64))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::sync::{Mutex, MutexGuard, PoisonError};

    /// Constants belong to the whole process: tests that set them take turns.
    pub(crate) fn take_turn(problem: Problem) -> MutexGuard<'static, ()> {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        LOW.set([0.0; 3]);
        SIDES.set([4.0, 1.0, 1.0]);
        PROBLEM.set(problem as u32);
        turn
    }

    #[test]
    fn moving_and_turning_a_solid_needs_no_force() {
        let _turn = take_turn(Problem::Waves);
        let cx = Context::builder().build().unwrap();
        let mesh = crate::brick::brick([1.0; 3], [2, 3, 1]).unwrap();
        let solid = Solid::declare(&cx, &mesh, Problem::Waves, ("", "")).unwrap();
        solid.assemble().unwrap();
        let force = solid.u.like("force").unwrap();
        for row in [[0.0, 0.0, 0.0], [0.0, 1.0, -2.0], [3.0, 0.5, 0.0]] {
            // Moved by (1, 2, 3) and turned around an axis.
            let rigid = mesh.points.iter().map(|x| {
                let turned = op2::dense::cross(&row, x);
                [1.0 + turned[0], 2.0 + turned[1], 3.0 + turned[2]]
            });
            let rigid = rigid.collect::<Vec<_>>();
            solid.u.write().unwrap().copy_from_slice(&rigid);
            solid.stiffness.multiply(&solid.u, &force).unwrap();
            assert!(op2::builtins::abs_max(&force).unwrap() < 1e-13);
        }
        let stress = solid.stress(&cx).unwrap();
        assert!(op2::builtins::abs_max(&stress.mises).unwrap() < 1e-13);
    }
}

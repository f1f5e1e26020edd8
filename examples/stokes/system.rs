//! The mixed system: what is declared once, and the steps from the spaces to velocity and pressure.
//!
//! Velocity and pressure are two dats on two sets, a vector is a pair of them, and the matrix a tuple of
//! tuples of blocks:
//!
//! ```text
//! ( A  B^T ) (u)   (momentum)
//! ( B   0  ) (p) = ( volume )
//! ```

use op2::prelude::*;
#[cfg(feature = "direct")]
use op2::solve::direct::Lu;
use op2::solve::precond::{Ic0, Jacobi};
use op2::solve::{MinresOptions, SolveReport, minres};

use crate::kernels::{compare, divergence, friction, hold, lower, mass, prescribe, residual};
use crate::spaces::{Corners, Nodes, Spaces};

/// MINRES stops when the residual is this part of what it was.
const REDUCTION: f64 = 1e-10;

/// A velocity and a pressure.
type Flow = (Dat<Nodes, [f64; 2]>, Dat<Corners, [f64; 1]>);

/// The discrete equations.
pub(crate) struct System {
    spaces: Spaces,
    friction: Mat<Nodes, Nodes, [[f64; 2]; 2]>,
    divergence: Mat<Corners, Nodes, [[f64; 2]; 1]>,
    mass: Mat<Corners, Corners, [[f64; 1]; 1]>,
    rhs: Flow,
    /// Velocity and pressure.
    pub(crate) flow: Flow,
}

/// How far a flow is from the formula.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Errors {
    /// Of the velocity, in the norm of L2.
    pub(crate) velocity: f64,
    /// Of its gradient.
    pub(crate) gradient: f64,
    /// Of the pressure, whose mean is left open.
    pub(crate) pressure: f64,
}

impl System {
    /// Makes room for it.
    pub(crate) fn declare(cx: &Context, spaces: Spaces) -> op2::Result<Self> {
        let (cell_nodes, cell_corners) = (&spaces.cell_nodes, &spaces.mesh.cell_nodes);
        let maps = (cell_nodes, cell_corners);
        let ((uu, _), (pu, pp)) = Sparsity::mixed(&maps, &maps)?;
        let vectors = |u: &str, p: &str| -> op2::Result<Flow> {
            Ok((cx.dat_zeros(u, &spaces.nodes)?, cx.dat_zeros(p, &spaces.mesh.nodes)?))
        };
        Ok(Self {
            friction: cx.mat("A", &uu)?,
            divergence: cx.mat("B", &pu)?,
            mass: cx.mat("M", &pp)?,
            rhs: vectors("momentum", "volume")?,
            flow: vectors("u", "p")?,
            spaces,
        })
    }

    /// The spaces that velocity and pressure are from.
    pub(crate) fn spaces(&self) -> &Spaces {
        &self.spaces
    }

    /// How many numbers the matrix of the whole system has.
    pub(crate) fn num_numbers(&self) -> usize {
        4 * self.friction.num_entries() + 2 * 2 * self.divergence.num_entries()
    }

    /// The matrices, without rows and columns for the velocity at the walls, which is known.
    pub(crate) fn assemble(&self) -> op2::Result<()> {
        let Spaces { mesh: m, cell_nodes, walls, .. } = &self.spaces;
        // Leads nowhere where it would lead to a wall: what would be added there is dropped.
        let inside = cell_nodes.without(walls)?;
        let corners = &m.cell_nodes;
        par_loop!(friction, m.cells, m.x(Read, corners), self.friction(Inc, inside, inside))?;
        // At the walls: no change = 0.
        self.friction.zero_rows(walls, 1.0)?;
        par_loop!(divergence, m.cells, m.x(Read, corners), self.divergence(Inc, corners, inside))?;
        par_loop!(mass, m.cells, m.x(Read, corners), self.mass(Inc, corners, corners))
    }

    /// The right-hand side: what is lacking while the fluid moves at the walls only. The solution of the
    /// system is then the change from there on, which is zero at the walls.
    pub(crate) fn prepare(&self) -> op2::Result<()> {
        let Spaces { mesh: m, cell_nodes, walls, place, .. } = &self.spaces;
        let (u, (momentum, volume)) = (&self.flow.0, &self.rhs);
        par_loop!(prescribe, walls, place(Read), u(Write))?;
        par_loop!(
            residual,
            m.cells,
            m.x(Read, m.cell_nodes),
            u(Read, cell_nodes),
            momentum(Inc, cell_nodes),
            volume(Inc, m.cell_nodes)
        )?;
        par_loop!(hold, walls, momentum(Write))?;
        // A constant pressure does nothing, so the system is singular. It has solutions if as much flows
        // in as out; what rounding, or a curved profile at the walls, leaves of that is spread evenly.
        let excess = op2::builtins::sum(volume)?[0] / m.nodes.size() as f64;
        par_loop!(lower, m.nodes, excess(Read), volume(Rw))
    }

    /// Solves by minimal residuals, with one preconditioner for each space. The matrix takes constant
    /// pressures to zero, and the right-hand side has no part of them: the iteration never meets them.
    pub(crate) fn solve(&self) -> op2::Result<SolveReport> {
        let (a, b) = (&self.friction, &self.divergence);
        let bt = b.transpose("B^T")?;
        // For the pressure, the Schur complement B A^-1 B^T counts; it is like the mass matrix, on any mesh.
        let preconditioner = (Ic0::new(a)?, Jacobi::new(&self.mass)?);
        let options = MinresOptions {
            rtol: REDUCTION,
            preconditioner: &preconditioner,
            ..Default::default()
        };
        let mut change = self.change()?;
        let report = minres(&((a, &bt), (b, ())), &self.rhs, &mut change, options)?;
        self.apply(&change)?;
        Ok(report)
    }

    /// Solves by factorization. The pressure of one corner is held at zero, which makes the system regular.
    #[cfg(feature = "direct")]
    pub(crate) fn factorize(&self, cx: &Context) -> op2::Result<()> {
        let (a, b) = (&self.friction, &self.divergence);
        let corners = &self.spaces.mesh.nodes;
        let held: Mat<_, _, [[f64; 1]; 1]> =
            cx.mat("held", &Sparsity::from_list(corners, corners, &[])?)?;
        held.set(0, 0, [[1.0]])?;
        b.zero_rows(&[0], 0.0)?;
        self.rhs.1.write()?[0] = [0.0];
        let bt = b.transpose("B^T")?;
        let mut change = self.change()?;
        Lu::new(&((a, &bt), (b, &held)))?.solve(&self.rhs, &mut change)?;
        self.apply(&change)
    }

    fn change(&self) -> op2::Result<Flow> {
        Ok((self.flow.0.like("du")?, self.flow.1.like("dp")?))
    }

    /// Adds the change, and makes the mean of the pressure zero.
    fn apply(&self, change: &Flow) -> op2::Result<()> {
        let (u, p) = &self.flow;
        op2::builtins::axpy(1.0, &change.0, u)?;
        op2::builtins::axpy(1.0, &change.1, p)?;
        let weights = self.integrals()?;
        let mean = op2::builtins::dot(&weights, p)? / op2::builtins::sum(&weights)?[0];
        par_loop!(lower, self.spaces.mesh.nodes, mean(Read), p(Rw))
    }

    /// The integral of each shape function of the pressure.
    fn integrals(&self) -> op2::Result<Dat<Corners, [f64; 1]>> {
        let (ones, weights) = (self.rhs.1.like("ones")?, self.rhs.1.like("weights")?);
        op2::builtins::fill([1.0], &ones)?;
        self.mass.multiply(&ones, &weights)?;
        Ok(weights)
    }

    /// The area of the mesh.
    pub(crate) fn area(&self) -> op2::Result<f64> {
        Ok(op2::builtins::sum(&self.integrals()?)?[0])
    }

    /// The distance from the formula.
    pub(crate) fn errors(&self, cx: &Context) -> op2::Result<Errors> {
        let Spaces { mesh: m, cell_nodes, .. } = &self.spaces;
        let (u, p) = &self.flow;
        let sums = ["velocity", "gradient", "pressure", "offset"];
        let [velocity, gradient, pressure, offset] = sums.map(|name| cx.reduction::<f64>(name));
        par_loop!(
            compare,
            m.cells,
            m.x(Read, m.cell_nodes),
            u(Read, cell_nodes),
            p(Read, m.cell_nodes),
            velocity(Inc),
            gradient(Inc),
            pressure(Inc),
            offset(Inc)
        )?;
        // The formula's mean need not be zero.
        let mean_square = offset.value()?.powi(2) / self.area()?;
        Ok(Errors {
            velocity: velocity.value()?.sqrt(),
            gradient: gradient.value()?.sqrt(),
            pressure: (pressure.value()? - mean_square).sqrt(),
        })
    }
}

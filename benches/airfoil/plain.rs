//! The airfoil program without op2: plain arrays, plain loops, one thread.
//!
//! This is the yardstick: what a programmer writes by hand in ordinary Rust, in the order of the
//! tables, in double precision. It gives the published digits to the last bit, and its times are
//! what the generated loops are measured against. Timing and reporting are left to the benchmark.
//!
//! Every loop exists in two forms, by the parameter `CHECKED`: with Rust's bounds checks on each
//! access through a table, and without them.

use crate::mesh::{AirfoilMesh, WALL};

/// Density, momentum along x and y, energy: per volume.
pub(crate) type State = [f64; 4];

/// The flow on a mesh, and the arrays a step works on.
pub(crate) struct PlainAirfoil<'m> {
    mesh: &'m AirfoilMesh,
    gas: Gas,
    q: Vec<State>,
    q_old: Vec<State>,
    adt: Vec<f64>,
    res: Vec<State>,
}

impl<'m> PlainAirfoil<'m> {
    /// The free stream everywhere.
    ///
    /// # Panics
    /// When a table of the mesh leads out of its array; the unchecked loops rely on this check.
    pub(crate) fn new(mesh: &'m AirfoilMesh) -> Self {
        assert_tables_in_range(mesh);
        let gas = Gas::benchmark();
        let num_cells = mesh.cell_nodes.len();
        Self {
            mesh,
            q: vec![gas.q_inf; num_cells],
            q_old: vec![[0.0; 4]; num_cells],
            adt: vec![0.0; num_cells],
            res: vec![[0.0; 4]; num_cells],
            gas,
        }
    }

    /// The state of each cell.
    pub(crate) fn flow(&self) -> &[State] {
        &self.q
    }

    /// One iteration, two Runge-Kutta stages; the root mean square of the second one's changes.
    pub(crate) fn step<const CHECKED: bool>(&mut self) -> f64 {
        self.save_soln();
        let mut rms = 0.0;
        for _stage in 0..2 {
            self.adt_calc::<CHECKED>();
            self.res_calc::<CHECKED>();
            self.bres_calc::<CHECKED>();
            rms = self.update();
        }
        (rms / self.q.len() as f64).sqrt()
    }

    /// Keeps the flow at the beginning of the iteration.
    pub(crate) fn save_soln(&mut self) {
        self.q_old.copy_from_slice(&self.q);
    }

    /// The area over time step of each cell.
    pub(crate) fn adt_calc<const CHECKED: bool>(&mut self) {
        let cells = self.mesh.cell_nodes.iter().zip(&self.q).zip(&mut self.adt);
        for ((nodes, q), adt) in cells {
            let x = nodes.map(|node| *at::<CHECKED, _>(&self.mesh.coords, node));
            *adt = self.gas.area_over_step(x, q);
        }
    }

    /// The fluxes over interior edges, added to the cells on both sides.
    pub(crate) fn res_calc<const CHECKED: bool>(&mut self) {
        for (&nodes, &[c1, c2]) in self.mesh.edge_nodes.iter().zip(&self.mesh.edge_cells) {
            let [x1, x2] = nodes.map(|node| at::<CHECKED, _>(&self.mesh.coords, node));
            let (q1, q2) = (at::<CHECKED, _>(&self.q, c1), at::<CHECKED, _>(&self.q, c2));
            let (adt1, adt2) = (at::<CHECKED, _>(&self.adt, c1), at::<CHECKED, _>(&self.adt, c2));
            let mu = 0.5 * (adt1 + adt2) * self.gas.eps;
            let flux = self.gas.flux(x1[0] - x2[0], x1[1] - x2[1], q1, q2, mu);
            add(at_mut::<CHECKED, _>(&mut self.res, c1), flux);
            subtract(at_mut::<CHECKED, _>(&mut self.res, c2), flux);
        }
    }

    /// The fluxes over boundary edges: pressure on the wall, the free stream far away.
    pub(crate) fn bres_calc<const CHECKED: bool>(&mut self) {
        let mesh = self.mesh;
        for ((&nodes, &[cell]), &bound) in
            mesh.bedge_nodes.iter().zip(&mesh.bedge_cell).zip(&mesh.bound)
        {
            let [x1, x2] = nodes.map(|node| at::<CHECKED, _>(&mesh.coords, node));
            let (dx, dy) = (x1[0] - x2[0], x1[1] - x2[1]);
            let (q, adt) = (at::<CHECKED, _>(&self.q, cell), at::<CHECKED, _>(&self.adt, cell));
            let res = at_mut::<CHECKED, _>(&mut self.res, cell);
            self.gas.add_boundary_flux(dx, dy, q, *adt, bound, res);
        }
    }

    /// Moves the flow on and clears the residuals; the sum of the squared changes.
    pub(crate) fn update(&mut self) -> f64 {
        let mut rms = 0.0;
        let cells = self.q_old.iter().zip(&mut self.q).zip(&mut self.res).zip(&self.adt);
        for (((q_old, q), res), adt) in cells {
            let step_over_area = 1.0 / adt;
            for n in 0..4 {
                let change = step_over_area * res[n];
                q[n] = q_old[n] - change;
                res[n] = 0.0;
                rms += change * change;
            }
        }
        rms
    }
}

/// The constants of the flow.
pub(crate) struct Gas {
    pub(crate) gam: f64,
    pub(crate) gm1: f64,
    pub(crate) cfl: f64,
    pub(crate) eps: f64,
    pub(crate) q_inf: State,
}

impl Gas {
    /// Those of the benchmark, which were single precision literals: the digits depend on it.
    pub(crate) fn benchmark() -> Self {
        let gam = f64::from(1.4_f32);
        let gm1 = gam - 1.0;
        let (density, pressure) = (1.0, 1.0);
        let speed = (gam * pressure / density).sqrt() * f64::from(0.4_f32);
        let energy = pressure / (density * gm1) + 0.5 * speed * speed;
        Self {
            gam,
            gm1,
            cfl: f64::from(0.9_f32),
            eps: f64::from(0.05_f32),
            q_inf: [density, density * speed, 0.0, density * energy],
        }
    }

    #[inline(always)]
    fn pressure(&self, q: &State) -> f64 {
        let ri = 1.0 / q[0];
        self.gm1 * (q[3] - 0.5 * ri * (q[1] * q[1] + q[2] * q[2]))
    }

    #[inline(always)]
    pub(crate) fn area_over_step(&self, [x1, x2, x3, x4]: [[f64; 2]; 4], q: &State) -> f64 {
        let ri = 1.0 / q[0];
        let (u, v) = (ri * q[1], ri * q[2]);
        let c = (self.gam * self.gm1 * (ri * q[3] - 0.5 * (u * u + v * v))).sqrt();
        let side = |from: [f64; 2], to: [f64; 2]| {
            let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
            (u * dy - v * dx).abs() + c * (dx * dx + dy * dy).sqrt()
        };
        (side(x1, x2) + side(x2, x3) + side(x3, x4) + side(x4, x1)) / self.cfl
    }

    /// The pressure on the wall, the flux to the free stream elsewhere.
    #[inline(always)]
    pub(crate) fn add_boundary_flux(
        &self,
        dx: f64,
        dy: f64,
        q: &State,
        adt: f64,
        bound: i32,
        res: &mut State,
    ) {
        if bound == WALL {
            let pressure = self.pressure(q);
            res[1] += pressure * dy;
            res[2] -= pressure * dx;
        } else {
            add(res, self.flux(dx, dy, q, &self.q_inf, adt * self.eps));
        }
    }

    /// The mean of the fluxes on both sides, smoothed by `mu` times the jump.
    #[inline(always)]
    pub(crate) fn flux(&self, dx: f64, dy: f64, q1: &State, q2: &State, mu: f64) -> State {
        let (p1, p2) = (self.pressure(q1), self.pressure(q2));
        let vol1 = 1.0 / q1[0] * (q1[1] * dy - q1[2] * dx);
        let vol2 = 1.0 / q2[0] * (q2[1] * dy - q2[2] * dx);
        [
            0.5 * (vol1 * q1[0] + vol2 * q2[0]) + mu * (q1[0] - q2[0]),
            0.5 * (vol1 * q1[1] + p1 * dy + vol2 * q2[1] + p2 * dy) + mu * (q1[1] - q2[1]),
            0.5 * (vol1 * q1[2] - p1 * dx + vol2 * q2[2] - p2 * dx) + mu * (q1[2] - q2[2]),
            0.5 * (vol1 * (q1[3] + p1) + vol2 * (q2[3] + p2)) + mu * (q1[3] - q2[3]),
        ]
    }
}

#[inline(always)]
fn add(sum: &mut State, state: State) {
    for n in 0..4 {
        sum[n] += state[n];
    }
}

#[inline(always)]
fn subtract(sum: &mut State, state: State) {
    for n in 0..4 {
        sum[n] -= state[n];
    }
}

/// An element through a table, with or without the bounds check.
#[inline(always)]
fn at<const CHECKED: bool, T>(array: &[T], index: u32) -> &T {
    if CHECKED {
        return &array[index as usize];
    }
    // SAFETY: indices come from the mesh's tables, which `PlainAirfoil::new` has checked against
    // the arrays; neither can change while it borrows the mesh.
    unsafe { array.get_unchecked(index as usize) }
}

/// As [`at`], to be changed.
#[inline(always)]
fn at_mut<const CHECKED: bool, T>(array: &mut [T], index: u32) -> &mut T {
    if CHECKED {
        return &mut array[index as usize];
    }
    // SAFETY: as in `at`.
    unsafe { array.get_unchecked_mut(index as usize) }
}

fn assert_tables_in_range(mesh: &AirfoilMesh) {
    let below = |table: &[u32], len: usize| table.iter().all(|&index| (index as usize) < len);
    let (num_nodes, num_cells) = (mesh.coords.len(), mesh.cell_nodes.len());
    assert!(below(mesh.cell_nodes.as_flattened(), num_nodes), "cell -> nodes");
    assert!(below(mesh.edge_nodes.as_flattened(), num_nodes), "edge -> nodes");
    assert!(below(mesh.edge_cells.as_flattened(), num_cells), "edge -> cells");
    assert!(below(mesh.bedge_nodes.as_flattened(), num_nodes), "boundary edge -> nodes");
    assert!(below(mesh.bedge_cell.as_flattened(), num_cells), "boundary edge -> cell");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::published;

    /// Runs to each of `reference`'s iterations and compares all 17 digits.
    fn assert_digits<const CHECKED: bool>(mesh: &AirfoilMesh, reference: &[(u32, f64)]) {
        let mut flow = PlainAirfoil::new(mesh);
        let mut iter = 0;
        for &(at, expected) in reference {
            let mut rms = f64::NAN;
            while iter < at {
                rms = flow.step::<CHECKED>();
                iter += 1;
            }
            assert_eq!(rms.to_bits(), expected.to_bits(), "{at}: {rms:.17e}, not {expected:.17e}");
        }
    }

    #[test]
    fn the_small_mesh_gives_all_digits() {
        let mesh = AirfoilMesh::generate(60, 90).unwrap();
        assert_digits::<true>(&mesh, published::SMALL.strict_rms);
        assert_digits::<false>(&mesh, &published::SMALL.strict_rms[..2]);
    }

    #[test]
    fn the_published_mesh_gives_all_digits() {
        let mesh = AirfoilMesh::generate(400, 600).unwrap();
        assert_digits::<false>(&mesh, &published::LARGE.strict_rms[..3]);
    }

    #[test]
    #[ignore = "takes a minute; run it with --release"]
    fn the_published_mesh_gives_all_digits_to_the_end() {
        let mesh = AirfoilMesh::generate(400, 600).unwrap();
        assert_digits::<false>(&mesh, published::LARGE.strict_rms);
    }

    #[test]
    fn a_uniform_flow_stays_uniform_away_from_the_wall() {
        let mut mesh = AirfoilMesh::generate(20, 10).unwrap();
        mesh.bound.fill(crate::mesh::FAR_FIELD);
        let mut flow = PlainAirfoil::new(&mesh);
        assert!(flow.step::<true>() < 1e-14);
    }
}

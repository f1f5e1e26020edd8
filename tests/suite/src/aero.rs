//! Finite elements with Newton's method and conjugate gradients, against a plain program.

#![allow(dead_code, reason = "the example uses the rest of its modules")]

use crate::target::Target;

#[path = "../../../examples/aero/flow.rs"]
mod flow;
#[path = "../../../examples/aero/kernels.rs"]
mod kernels;
#[path = "../../../examples/aero/mesh.rs"]
mod mesh;
#[path = "../../../examples/aero/stiffness.rs"]
mod stiffness;

use flow::{Flow, Step};
use mesh::AeroMesh;
use stiffness::Form;

fn step(flow: &Flow) -> op2::Result<Step> {
    flow.linearize()?;
    let cg_iterations = flow.solve()?;
    Ok(Step { rms: flow.correct()?, cg_iterations })
}

pub fn steps_are_those_of_a_plain_program(target: &Target) {
    compare(target, Form::MatrixFree);
}

pub fn an_assembled_matrix_gives_the_same_steps(target: &Target) {
    compare(target, Form::Assembled);
}

fn compare(target: &Target, form: Form) {
    // Threads take part from some 16 000 elements on; checking each of them takes time.
    let (i, j) = if target.finds_mistakes() { (12, 30) } else { (60, 100) };
    let mesh = AeroMesh::generate(i, j).unwrap();
    let mut plain = Plain::new(&mesh);
    let flow = Flow::declare(&target.context(), mesh.clone(), form).unwrap();
    let mut last = f64::INFINITY;
    for number in 1..=2 {
        let (found, expected) = (step(&flow).unwrap(), plain.step());
        assert_eq!(found.cg_iterations, expected.cg_iterations, "step {number}");
        // What rounding does is amplified by each iteration.
        let off = (found.rms / expected.rms - 1.0).abs();
        assert!(off < 1e-8, "step {number}: {found:?} is not {expected:?}");
        assert!(found.rms < last, "step {number} corrects more than the one before");
        last = found.rms;
    }
    let phi = flow.phi.to_vec().unwrap();
    let furthest = phi.iter().zip(&plain.phi).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(furthest < 1e-9, "{furthest:e}");
}

pub fn a_free_stream_needs_no_correction(target: &Target) {
    let flow = Flow::declare(&target.context(), slanted_lattice(80, 40), Form::MatrixFree).unwrap();
    let done = step(&flow).unwrap();
    assert!(done.rms < 1e-14, "{done:?}");
}

/// Parallelograms without a profile; all around is far field.
fn slanted_lattice(columns: u32, rows: u32) -> AeroMesh {
    let nodes = (0..=rows).flat_map(|b| (0..=columns).map(move |a| (a, b)));
    let node = |a: u32, b: u32| a + b * (columns + 1);
    let cells = (0..rows).flat_map(|b| (0..columns).map(move |a| (a, b)));
    AeroMesh {
        coords: nodes
            .clone()
            .map(|(a, b)| [f64::from(a + b) / 64.0, f64::from(b) / 32.0])
            .collect(),
        cell_nodes: cells
            .map(|(a, b)| [node(a, b), node(a + 1, b), node(a, b + 1), node(a + 1, b + 1)])
            .collect(),
        far_field: nodes
            .filter(|&(a, b)| a == 0 || b == 0 || a == columns || b == rows)
            .map(|(a, b)| node(a, b))
            .collect(),
    }
}

/// The program as a textbook has it: whole matrices of cells, one operation after the other.
struct Plain<'m> {
    mesh: &'m AeroMesh,
    phi: Vec<f64>,
}

type Matrix = [[f64; 4]; 4];

impl<'m> Plain<'m> {
    fn new(mesh: &'m AeroMesh) -> Self {
        Self { mesh, phi: mesh.coords.iter().map(|x| 0.1 * x[0]).collect() }
    }

    fn step(&mut self) -> Step {
        let (matrices, r) = self.linearize();
        let (correction, cg_iterations) = self.solve(&matrices, r);
        for (phi, correction) in self.phi.iter_mut().zip(&correction) {
            *phi -= correction;
        }
        let rms = (dot(&correction, &correction) / correction.len() as f64).sqrt();
        Step { rms, cg_iterations }
    }

    fn linearize(&self) -> (Vec<Matrix>, Vec<f64>) {
        let mut r = vec![0.0; self.phi.len()];
        let mut matrices = Vec::new();
        for nodes in self.mesh.cell_nodes.iter().map(|nodes| nodes.map(|node| node as usize)) {
            let (x, phi) =
                (nodes.map(|node| self.mesh.coords[node]), nodes.map(|node| self.phi[node]));
            let mut matrix = [[0.0; 4]; 4];
            for (s, t) in [(-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0)] {
                let point = |side: f64| f64::midpoint(1.0, side / 3.0_f64.sqrt());
                add_gauss_point(x, phi, point(s), point(t), &mut matrix, |j, value| {
                    r[nodes[j]] += value;
                });
            }
            matrices.push(matrix);
        }
        self.hold(&mut r);
        (matrices, r)
    }

    fn solve(&self, matrices: &[Matrix], mut r: Vec<f64>) -> (Vec<f64>, u32) {
        let mut correction = vec![0.0; r.len()];
        let mut p = r.clone();
        let mut square = dot(&r, &r);
        let (first, mut iterations) = (square, 0);
        while square.sqrt() > 0.1 * first.sqrt() && iterations < 200 {
            let kp = self.multiply(matrices, &p);
            let alpha = square / dot(&p, &kp);
            for k in 0..r.len() {
                correction[k] += alpha * p[k];
                r[k] -= alpha * kp[k];
            }
            let reduced = dot(&r, &r);
            for k in 0..r.len() {
                p[k] = r[k] + reduced / square * p[k];
            }
            square = reduced;
            iterations += 1;
        }
        (correction, iterations)
    }

    fn multiply(&self, matrices: &[Matrix], p: &[f64]) -> Vec<f64> {
        let mut kp = vec![0.0; p.len()];
        for (nodes, matrix) in self.mesh.cell_nodes.iter().zip(matrices) {
            for (j, row) in nodes.iter().zip(matrix) {
                let products = row.iter().zip(nodes).map(|(k, l)| k * p[*l as usize]);
                kp[*j as usize] += products.sum::<f64>();
            }
        }
        self.hold(&mut kp);
        kp
    }

    fn hold(&self, values: &mut [f64]) {
        for &node in &self.mesh.far_field {
            values[node as usize] = 0.0;
        }
    }
}

/// Adds what the point `(s, t)` of a cell contributes to its matrix, and hands out that to the
/// residual.
fn add_gauss_point(
    x: [[f64; 2]; 4],
    phi: [f64; 4],
    s: f64,
    t: f64,
    matrix: &mut Matrix,
    mut add_residual: impl FnMut(usize, f64),
) {
    let slopes = [[t - 1.0, s - 1.0], [1.0 - t, -s], [-t, 1.0 - s], [t, s]];
    // jacobian[d][e]: how coordinate d grows with s (e = 0) and t (e = 1).
    let jacobian =
        [0, 1].map(|d| [0, 1].map(|e| (0..4).map(|j| x[j][d] * slopes[j][e]).sum::<f64>()));
    let [[xs, xt], [ys, yt]] = jacobian;
    let area = xs * yt - xt * ys;
    let grad =
        slopes.map(|[by_s, by_t]| [(yt * by_s - ys * by_t) / area, (xs * by_t - xt * by_s) / area]);
    let u = [0, 1].map(|d| (0..4).map(|j| grad[j][d] * phi[j]).sum::<f64>());
    let d = 1.0 + 0.2 * (0.01 - u[0] * u[0] - u[1] * u[1]);
    let rho = d.powf(2.5);
    let along = grad.map(|grad| u[0] * grad[0] + u[1] * grad[1]);
    for j in 0..4 {
        add_residual(j, 0.25 * area * rho * along[j]);
        for l in 0..4 {
            let laplace = grad[j][0] * grad[l][0] + grad[j][1] * grad[l][1];
            matrix[j][l] += 0.25 * area * (rho * laplace - rho / d * along[j] * along[l]);
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

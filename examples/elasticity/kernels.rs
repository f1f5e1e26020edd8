//! The kernels of linear elasticity with displacements that are linear on each tetrahedron.
//!
//! With the shape functions `N_a` of the nodes, and `V` the volume of a cell, nodes `a` and `b` are coupled by
//! the block
//!
//! ```text
//! K_ab = V (lambda grad N_a grad N_b^T + mu grad N_b grad N_a^T + mu (grad N_a . grad N_b) I)
//! ```

use op2::dense;
use op2::prelude::*;

use crate::common::quadrature::{TETRAHEDRON_5, TRIANGLE_6};
use crate::problem::{LAMBDA, MU, PROBLEM, PULL, body_force, displacement, gradient};

/// Points and weights in a cell, and on a face.
const POINTS: [[f64; 4]; 14] = TETRAHEDRON_5.points;
const WEIGHTS: [f64; 14] = TETRAHEDRON_5.weights;
const FACE_POINTS: [[f64; 3]; 12] = TRIANGLE_6.points;
const FACE_WEIGHTS: [f64; 12] = TRIANGLE_6.weights;

/// Gradients of the four shape functions, and the volume.
#[op2::function]
fn shapes(x: &[[f64; 3]; 4]) -> ([[f64; 3]; 4], f64) {
    let sides = [dense::sub(&x[1], &x[0]), dense::sub(&x[2], &x[0]), dense::sub(&x[3], &x[0])];
    let inverse = dense::inverse3(&sides);
    let mut grad = [[0.0; 3]; 4];
    for d in 0..3 {
        for a in 1..4 {
            grad[a][d] = inverse[d][a - 1];
        }
        grad[0][d] = -inverse[d][0] - inverse[d][1] - inverse[d][2];
    }
    (grad, dense::det3(&sides) / 6.0)
}

/// The gradient of a displacement given at the nodes.
#[op2::function]
fn slope(grad: &[[f64; 3]; 4], u: &[[f64; 3]; 4]) -> [[f64; 3]; 3] {
    dense::mat_t_mat(u, grad)
}

/// Hooke's law: the stress from the gradient of the displacement.
#[op2::function]
pub(crate) fn stress(g: &[[f64; 3]; 3]) -> [[f64; 3]; 3] {
    let mut s = [[0.0; 3]; 3];
    for i in 0..3 {
        for j in 0..3 {
            s[i][j] = MU * (g[i][j] + g[j][i]);
        }
        s[i][i] += LAMBDA * (g[0][0] + g[1][1] + g[2][2]);
    }
    s
}

/// The place that barycentric coordinates name.
#[op2::function]
fn place<const K: usize>(x: &[[f64; 3]; K], weights: &[f64; K]) -> [f64; 3] {
    dense::mat_t_vec(x, weights)
}

/// Adds a cell to the stiffness matrix.
#[op2::kernel]
pub(crate) fn stiffness(x: &[[f64; 3]; 4], k: Inc<[[[[f64; 3]; 3]; 4]; 4]>) {
    let (grad, volume) = shapes(x);
    for a in 0..4 {
        for b in 0..4 {
            let along = MU * volume * dense::dot(&grad[a], &grad[b]);
            for i in 0..3 {
                for j in 0..3 {
                    k[a][b][i][j] +=
                        volume * (LAMBDA * grad[a][i] * grad[b][j] + MU * grad[a][j] * grad[b][i]);
                }
                k[a][b][i][i] += along;
            }
        }
    }
}

/// Adds what the force inside a cell does at its nodes.
#[op2::kernel]
pub(crate) fn weigh(x: &[[f64; 3]; 4], load: Inc<[[f64; 3]; 4]>) {
    let (_, volume) = shapes(x);
    for q in 0..14 {
        let point = POINTS[q];
        let force = body_force(&place(x, &point));
        for a in 0..4 {
            for i in 0..3 {
                load[a][i] += volume * WEIGHTS[q] * point[a] * force[i];
            }
        }
    }
}

/// Adds what pulls at a triangle of the boundary: the stress of the formula, or a weight.
#[op2::kernel]
pub(crate) fn pull(x: &[[f64; 3]; 3], load: Inc<[[f64; 3]; 3]>) {
    // As long as the area, outward.
    let normal =
        dense::scaled(0.5, &dense::cross(&dense::sub(&x[1], &x[0]), &dense::sub(&x[2], &x[0])));
    for q in 0..12 {
        let point = FACE_POINTS[q];
        let force = if PROBLEM == 3 {
            [0.0, 0.0, -PULL * dense::norm(&normal)]
        } else {
            dense::mat_vec(&stress(&gradient(&place(x, &point))), &normal)
        };
        for a in 0..3 {
            for i in 0..3 {
                load[a][i] += FACE_WEIGHTS[q] * point[a] * force[i];
            }
        }
    }
}

/// The displacement that supports prescribe.
#[op2::kernel]
pub(crate) fn prescribe(x: &[f64; 3], u: Write<[f64; 3]>) {
    *u = displacement(x);
}

/// Stress of a cell (xx, yy, zz, xy, yz, zx), how near it is to yielding (von Mises), and its energy.
#[op2::kernel]
pub(crate) fn strain(
    x: &[[f64; 3]; 4],
    u: &[[f64; 3]; 4],
    tensor: Write<[f64; 6]>,
    mises: Write<f64>,
    energy: Inc<f64>,
) {
    let (grad, volume) = shapes(x);
    let g = slope(&grad, u);
    let s = stress(&g);
    *tensor = [s[0][0], s[1][1], s[2][2], s[0][1], s[1][2], s[2][0]];
    let (a, b, c) = (s[0][0] - s[1][1], s[1][1] - s[2][2], s[2][2] - s[0][0]);
    let shear = s[0][1] * s[0][1] + s[1][2] * s[1][2] + s[2][0] * s[2][0];
    *mises = (0.5 * (a * a + b * b + c * c) + 3.0 * shear).sqrt();
    let mut work = 0.0;
    for i in 0..3 {
        work += dense::dot(&s[i], &g[i]);
    }
    *energy += 0.5 * volume * work;
}

/// Adds the squares of the errors of displacement and gradient, and the square of the displacement.
#[op2::kernel]
pub(crate) fn compare(
    x: &[[f64; 3]; 4],
    u: &[[f64; 3]; 4],
    error: Inc<f64>,
    slope_error: Inc<f64>,
    size: Inc<f64>,
) {
    let (grad, volume) = shapes(x);
    let found_slope = slope(&grad, u);
    for q in 0..14 {
        let at = place(x, &POINTS[q]);
        let weight = volume * WEIGHTS[q];
        let right = displacement(&at);
        let off = dense::sub(&place(u, &POINTS[q]), &right);
        *error += weight * dense::dot(&off, &off);
        *size += weight * dense::dot(&right, &right);
        let right_slope = gradient(&at);
        for i in 0..3 {
            let off = dense::sub(&found_slope[i], &right_slope[i]);
            *slope_error += weight * dense::dot(&off, &off);
        }
    }
}

/// Adds up how far nodes have moved in a direction.
#[op2::kernel]
pub(crate) fn follow(direction: &[f64; 3], u: &[f64; 3], sum: Inc<f64>) {
    *sum += dense::dot(direction, u);
}

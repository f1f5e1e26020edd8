//! The kernels of Stokes flow with the elements of Taylor and Hood: the velocity is quadratic on each
//! triangle, the pressure linear.
//!
//! With test functions `v` for the velocity and `q` for the pressure,
//!
//! ```text
//! (grad u + grad u^T, grad v) - (p, div v) = (force, v)
//!                             - (q, div u) = 0
//! ```
//!
//! A triangle lists its corners, then the middles of its sides:
//!
//! ```text
//!     2
//!    5 4
//!   0 3 1
//! ```

use op2::dense;
use op2::prelude::*;

use crate::common::quadrature::{TRIANGLE_2, TRIANGLE_6};
use crate::flow::{force, pressure, velocity, velocity_gradient};

/// The middles of the sides, each for a third of the area: enough for the matrices.
const MIDDLES: [[f64; 3]; 3] = TRIANGLE_2.points;
/// Points and weights for what is no polynomial.
const POINTS: [[f64; 3]; 12] = TRIANGLE_6.points;
const WEIGHTS: [f64; 12] = TRIANGLE_6.weights;

/// Gradients of the three linear shape functions (which are the barycentric coordinates), and the area.
#[op2::function]
fn linear(x: &[[f64; 2]; 3]) -> ([[f64; 2]; 3], f64) {
    let sides = [dense::sub(&x[1], &x[0]), dense::sub(&x[2], &x[0])];
    let inverse = dense::inverse2(&sides);
    let grad = [
        [-inverse[0][0] - inverse[0][1], -inverse[1][0] - inverse[1][1]],
        [inverse[0][0], inverse[1][0]],
        [inverse[0][1], inverse[1][1]],
    ];
    (grad, 0.5 * dense::det2(&sides))
}

/// The six quadratic shape functions at the place with barycentric coordinates `l`.
#[op2::function]
fn quadratic(l: &[f64; 3]) -> [f64; 6] {
    let mut n = [0.0; 6];
    for i in 0..3 {
        n[i] = l[i] * (2.0 * l[i] - 1.0);
        n[i + 3] = 4.0 * l[i] * l[(i + 1) % 3];
    }
    n
}

/// Their gradients.
#[op2::function]
fn quadratic_gradients(l: &[f64; 3], grad: &[[f64; 2]; 3]) -> [[f64; 2]; 6] {
    let mut g = [[0.0; 2]; 6];
    for i in 0..3 {
        let next = (i + 1) % 3;
        for d in 0..2 {
            g[i][d] = (4.0 * l[i] - 1.0) * grad[i][d];
            g[i + 3][d] = 4.0 * (l[i] * grad[next][d] + l[next] * grad[i][d]);
        }
    }
    g
}

/// Adds a triangle to the matrix of friction: blocks that couple the two components of the velocity.
#[op2::kernel]
pub(crate) fn friction(x: &[[f64; 2]; 3], k: Inc<[[[[f64; 2]; 2]; 6]; 6]>) {
    let (grad, area) = linear(x);
    for q in 0..3 {
        let g = quadratic_gradients(&MIDDLES[q], &grad);
        let weight = area / 3.0;
        for a in 0..6 {
            for b in 0..6 {
                let along = weight * dense::dot(&g[a], &g[b]);
                for i in 0..2 {
                    for j in 0..2 {
                        k[a][b][i][j] += weight * g[a][j] * g[b][i];
                    }
                    k[a][b][i][i] += along;
                }
            }
        }
    }
}

/// Adds a triangle to the matrix of the divergence: from two components of velocity to one of pressure.
#[op2::kernel]
pub(crate) fn divergence(x: &[[f64; 2]; 3], b: Inc<[[[[f64; 2]; 1]; 6]; 3]>) {
    let (grad, area) = linear(x);
    for q in 0..3 {
        let l = MIDDLES[q];
        let g = quadratic_gradients(&l, &grad);
        for corner in 0..3 {
            for node in 0..6 {
                for d in 0..2 {
                    b[corner][node][0][d] -= area / 3.0 * l[corner] * g[node][d];
                }
            }
        }
    }
}

/// Adds a triangle to the mass matrix of the pressure.
#[op2::kernel]
pub(crate) fn mass(x: &[[f64; 2]; 3], m: Inc<[[[[f64; 1]; 1]; 3]; 3]>) {
    let (_, area) = linear(x);
    for i in 0..3 {
        for j in 0..3 {
            m[i][j][0][0] += area / 12.0;
        }
        m[i][i][0][0] += area / 12.0;
    }
}

/// Adds what a triangle lacks to both equations, for a velocity `u` without pressure.
#[op2::kernel]
pub(crate) fn residual(
    x: &[[f64; 2]; 3],
    u: &[[f64; 2]; 6],
    momentum: Inc<[[f64; 2]; 6]>,
    volume: Inc<[[f64; 1]; 3]>,
) {
    let (grad, area) = linear(x);
    for q in 0..12 {
        let l = POINTS[q];
        let weight = area * WEIGHTS[q];
        let (n, g) = (quadratic(&l), quadratic_gradients(&l, &grad));
        let push = force(&dense::mat_t_vec(x, &l));
        let slope = dense::mat_t_mat(u, &g);
        for a in 0..6 {
            for i in 0..2 {
                let mut drag = 0.0;
                for j in 0..2 {
                    drag += (slope[i][j] + slope[j][i]) * g[a][j];
                }
                momentum[a][i] += weight * (push[i] * n[a] - drag);
            }
        }
        for corner in 0..3 {
            volume[corner][0] += weight * l[corner] * dense::trace(&slope);
        }
    }
}

/// The velocity at the walls.
#[op2::kernel]
pub(crate) fn prescribe(x: &[f64; 2], u: Write<[f64; 2]>) {
    *u = velocity(x);
}

/// At the walls nothing is left to find.
#[op2::kernel]
pub(crate) fn hold(momentum: Write<[f64; 2]>) {
    *momentum = [0.0; 2];
}

/// Takes a constant away.
#[op2::kernel]
pub(crate) fn lower(by: &f64, p: &mut [f64; 1]) {
    p[0] -= by;
}

/// Adds up squares of errors, of the velocity, its gradient and the pressure, and the error of the
/// pressure itself.
#[op2::kernel]
pub(crate) fn compare(
    x: &[[f64; 2]; 3],
    u: &[[f64; 2]; 6],
    p: &[[f64; 1]; 3],
    velocity_error: Inc<f64>,
    gradient_error: Inc<f64>,
    pressure_error: Inc<f64>,
    offset: Inc<f64>,
) {
    let (grad, area) = linear(x);
    for q in 0..12 {
        let l = POINTS[q];
        let weight = area * WEIGHTS[q];
        let at = dense::mat_t_vec(x, &l);
        let off = dense::sub(&dense::mat_t_vec(u, &quadratic(&l)), &velocity(&at));
        *velocity_error += weight * dense::dot(&off, &off);
        let slope = dense::mat_t_mat(u, &quadratic_gradients(&l, &grad));
        let right = velocity_gradient(&at);
        for i in 0..2 {
            let off = dense::sub(&slope[i], &right[i]);
            *gradient_error += weight * dense::dot(&off, &off);
        }
        let off = l[0] * p[0][0] + l[1] * p[1][0] + l[2] * p[2][0] - pressure(&at);
        *pressure_error += weight * off * off;
        *offset += weight * off;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shape_functions_are_one_at_their_node() {
        let nodes = [
            [1.0, 0.0, 0.0],
            [0.0, 1.0, 0.0],
            [0.0, 0.0, 1.0],
            [0.5, 0.5, 0.0],
            [0.0, 0.5, 0.5],
            [0.5, 0.0, 0.5],
        ];
        for (node, place) in nodes.iter().enumerate() {
            let expected = std::array::from_fn(|k| if k == node { 1.0 } else { 0.0 });
            assert_eq!(quadratic(place), expected);
        }
    }

    #[test]
    fn quadratic_fields_have_their_gradient() {
        let x = [[0.1, 0.0], [1.3, 0.2], [-0.2, 0.9]];
        let (grad, area) = linear(&x);
        assert!((area - 0.57).abs() < 1e-15);
        let l = [0.2, 0.5, 0.3];
        let field = |x: [f64; 2]| 3.0 * x[0] * x[0] - x[0] * x[1] + 2.0 * x[1];
        let middle = |i: usize| {
            let next = (i + 1) % 3;
            field(std::array::from_fn(|d| 0.5 * (x[i][d] + x[next][d])))
        };
        let values = [field(x[0]), field(x[1]), field(x[2]), middle(0), middle(1), middle(2)];
        let found = dense::mat_t_vec(&quadratic_gradients(&l, &grad), &values);
        let at = dense::mat_t_vec(&x, &l);
        assert!((dense::dot(&quadratic(&l), &values) - field(at)).abs() < 1e-14);
        assert!((found[0] - (6.0 * at[0] - at[1])).abs() < 1e-13);
        assert!((found[1] - (2.0 - at[0])).abs() < 1e-13);
    }
}

//! The kernels: what one cell adds to the equations, to the errors and to other integrals.
//!
//! On a cell with corners `x_0, x_1, ..` a P1 function is the sum of its values at the corners times
//! the barycentric coordinates `N_0, N_1, ..`, which are linear, 1 in one corner and 0 in the others.
//! Their gradients are constant, so that
//!
//! ```text
//! K_ij = integral of grad N_i . grad N_j  =  measure  grad N_i . grad N_j
//! b_i  = integral of f N_i                ~  measure  sum over points q of  w_q f(x_q) N_i(x_q)
//! ```
//!
//! All kernels are written once for triangles in the plane (`D = 2`, `N = 3`), triangles of a surface
//! (3, 3) and tetrahedra (3, 4).

use op2::dense;
use op2::prelude::*;

use crate::problem::{Problem, solution, source};

/// The gradients of the barycentric coordinates, and the length, area or volume of the cell.
///
/// Corner after corner: the *height* of corner `k` is the part of the edge from corner 0 that is
/// perpendicular to the edges before. Along it the coordinate `k` grows from 0 to 1; the measure is
/// that of the base, times the height, divided by `k`; and the earlier coordinates are tilted such that
/// they become 0 in the new corner.
#[op2::function]
pub(crate) fn gradients<const D: usize, const N: usize>(x: &[[f64; D]; N]) -> ([[f64; D]; N], f64) {
    let mut grad = [[0.0; D]; N];
    let mut measure = 1.0;
    for k in 1..N {
        let edge = dense::sub(&x[k], &x[0]);
        let mut height = edge;
        let mut earlier = [0.0; N];
        for j in 1..k {
            earlier[j] = dense::dot(&grad[j], &edge);
            for d in 0..D {
                height[d] -= earlier[j] * (x[j][d] - x[0][d]);
            }
        }
        let square = dense::dot(&height, &height);
        measure *= square.sqrt() / k as f64;
        for d in 0..D {
            grad[k][d] = height[d] / square;
            for j in 1..k {
                grad[j][d] -= earlier[j] * grad[k][d];
            }
        }
    }
    // Together the coordinates are 1 everywhere.
    for k in 1..N {
        for d in 0..D {
            grad[0][d] -= grad[k][d];
        }
    }
    (grad, measure)
}

/// The stiffness matrix of a cell.
#[op2::kernel]
pub(crate) fn stiffness<const D: usize, const N: usize>(x: &[[f64; D]; N], k: Inc<[[f64; N]; N]>) {
    let (grad, measure) = gradients(x);
    for i in 0..N {
        for j in 0..N {
            k[i][j] += measure * dense::dot(&grad[i], &grad[j]);
        }
    }
}

/// The load vector of a cell, integrated by the rule `points`, `weights`.
#[op2::kernel]
pub(crate) fn load<const D: usize, const N: usize, const Q: usize>(
    problem: &Problem,
    points: &[[f64; N]; Q],
    weights: &[f64; Q],
    x: &[[f64; D]; N],
    b: Inc<[f64; N]>,
) {
    let (_, measure) = gradients(x);
    for q in 0..Q {
        let at = dense::mat_t_vec(x, &points[q]);
        let part = measure * weights[q] * source(problem, &at);
        for i in 0..N {
            b[i] += part * points[q][i];
        }
    }
}

/// The solution at a node, where it is known; 0 otherwise.
#[op2::kernel]
pub(crate) fn prescribe<const D: usize>(problem: &Problem, x: &[f64; D], u: Write<f64>) {
    let (value, _) = solution(problem, x);
    *u = value;
}

/// Adds a cell's part of the squares of both errors: of the values (L2), of the gradient (H1).
#[op2::kernel]
pub(crate) fn errors<const D: usize, const N: usize, const Q: usize>(
    problem: &Problem,
    points: &[[f64; N]; Q],
    weights: &[f64; Q],
    x: &[[f64; D]; N],
    u: &[f64; N],
    l2: Inc<f64>,
    h1: Inc<f64>,
) {
    let (grad, measure) = gradients(x);
    let slope = dense::mat_t_vec(&grad, u);
    for q in 0..Q {
        let at = dense::mat_t_vec(x, &points[q]);
        let (value, gradient) = solution(problem, &at);
        let off = dense::dot(u, &points[q]) - value;
        let tilt = dense::sub(&slope, &gradient);
        *l2 += measure * weights[q] * off * off;
        *h1 += measure * weights[q] * dense::dot(&tilt, &tilt);
    }
}

/// Adds a cell's measure, the integral of `u`, and its part of `u . K u`, the integral of the square
/// of the gradient.
#[op2::kernel]
pub(crate) fn integrals<const D: usize, const N: usize>(
    x: &[[f64; D]; N],
    u: &[f64; N],
    measure: Inc<f64>,
    integral: Inc<f64>,
    energy: Inc<f64>,
) {
    let (grad, size) = gradients(x);
    let slope = dense::mat_t_vec(&grad, u);
    *measure += size;
    for i in 0..N {
        *integral += size / N as f64 * u[i];
    }
    *energy += size * dense::dot(&slope, &slope);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::quadrature::{TETRAHEDRON_8, TRIANGLE_8};

    const TRIANGLE: [[f64; 2]; 3] = [[0.1, 0.2], [1.3, 0.4], [0.5, 1.9]];
    const CORNER: [[f64; 3]; 4] = [[0.0; 3], [2.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 5.0]];
    const SKEWED: [[f64; 3]; 4] =
        [[0.1, 0.2, 0.3], [1.3, 0.4, 0.2], [0.5, 1.9, -0.4], [0.2, 0.9, 1.6]];

    fn assert_near(left: &[f64], right: &[f64]) {
        assert_eq!(left.len(), right.len());
        for (a, b) in left.iter().zip(right) {
            assert!((a - b).abs() < 1e-14, "{left:?} is not {right:?}");
        }
    }

    /// Coordinate `i` grows by what it should from each corner to each other.
    fn check_gradients<const D: usize, const N: usize>(x: &[[f64; D]; N]) {
        let (grad, _) = gradients(x);
        for (i, grad) in grad.iter().enumerate() {
            for (j, corner) in x.iter().enumerate() {
                let growth = dense::dot(grad, &dense::sub(corner, &x[(i + 1) % N]));
                assert_near(&[growth], &[f64::from(u8::from(i == j))]);
            }
        }
    }

    #[test]
    fn barycentric_coordinates_are_one_in_one_corner() {
        check_gradients(&TRIANGLE);
        check_gradients(&SKEWED);
        check_gradients(&[SKEWED[3], SKEWED[1], SKEWED[2]]);
        check_gradients(&[[0.5], [0.25]]);
    }

    #[test]
    fn measures_do_not_depend_on_orientation() {
        let area = 0.5 * (1.2 * 1.7 - 0.4 * 0.2);
        let [a, b, c] = TRIANGLE;
        assert_near(&[gradients(&[a, b, c]).1, gradients(&[c, b, a]).1], &[area; 2]);
        assert_near(&[gradients(&CORNER).1], &[5.0]);
        let tilted = [[0.0, 0.0, 0.0], [2.0, 0.0, 0.0], [0.0, 3.0, 4.0]];
        assert_near(&[gradients(&tilted).1], &[5.0]);
    }

    fn stiffness_of<const D: usize, const N: usize>(x: &[[f64; D]; N]) -> [[f64; N]; N] {
        let mut k = [[0.0; N]; N];
        stiffness(x, &mut k);
        k
    }

    #[test]
    fn the_matrix_of_a_right_triangle_is_that_of_the_textbook() {
        let k = stiffness_of(&[[0.0, 0.0], [3.0, 0.0], [0.0, 3.0]]);
        let expected = [[1.0, -0.5, -0.5], [-0.5, 0.5, 0.0], [-0.5, 0.0, 0.5]];
        assert_near(k.as_flattened(), expected.as_flattened());
    }

    #[test]
    fn the_matrix_of_a_tetrahedron_is_symmetric_and_knows_constants() {
        let k = stiffness_of(&SKEWED);
        assert_near(k.as_flattened(), dense::transposed(&k).as_flattened());
        assert_near(&dense::mat_vec(&k, &[1.0; 4]), &[0.0; 4]);
        assert!((0..4).all(|i| k[i][i] > 0.0));
    }

    #[test]
    fn a_constant_load_is_shared_by_the_corners() {
        let (rule, mut b) = (TRIANGLE_8, [0.0; 3]);
        load(&Problem::constant(6.0), &rule.points, &rule.weights, &TRIANGLE, &mut b);
        let area = gradients(&TRIANGLE).1;
        assert_near(&b, &[2.0 * area; 3]);
        let (rule, mut b) = (TETRAHEDRON_8, [0.0; 4]);
        load(&Problem::constant(4.0), &rule.points, &rule.weights, &CORNER, &mut b);
        assert_near(&b, &[5.0; 4]);
    }

    #[test]
    fn a_solution_that_is_zero_leaves_the_function_as_error() {
        // Of u = 2 x on the unit right triangle: 4 x^2 integrates to 1/3, 4 to 2.
        let (rule, x) = (TRIANGLE_8, [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]);
        let (u, problem) = ([0.0, 2.0, 0.0], Problem::constant(1.0));
        let (mut l2, mut h1) = (0.0, 0.0);
        errors(&problem, &rule.points, &rule.weights, &x, &u, &mut l2, &mut h1);
        assert_near(&[l2, h1], &[1.0 / 3.0, 2.0]);
        let (mut measure, mut integral, mut energy) = (0.0, 0.0, 0.0);
        integrals(&x, &u, &mut measure, &mut integral, &mut energy);
        assert_near(&[measure, integral, energy], &[0.5, 1.0 / 3.0, 2.0]);
    }

    #[test]
    fn nodes_take_the_values_of_the_solution() {
        let mut u = 7.0;
        prescribe(&Problem::SINES, &[0.5, 0.5, 0.5], &mut u);
        assert_eq!(u, 1.0);
        prescribe(&Problem::constant(3.0), &[0.5, 0.5], &mut u);
        assert_eq!(u, 0.0);
    }
}

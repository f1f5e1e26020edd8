//! The kernels of aero: full potential flow by finite elements, Newton's method, conjugate
//! gradients.
//!
//! The potential `phi` has the velocity `u = grad phi`, in units of the speed of sound far away.
//! With `D = 1 + GM1 / 2 (MACH^2 - |u|^2)` the density is `rho = D^(1 / GM1)`, and
//!
//! ```text
//! r_j  = integral of rho u . grad N_j                                        must become 0
//! K_jl = integral of rho grad N_j . grad N_l - rho / D (u . grad N_j) (u . grad N_l)
//! ```
//!
//! over bilinear quadrilaterals with 2 by 2 Gauss points. A cell lists its nodes in tensor order:
//!
//! ```text
//! 2---3
//! |   |
//! 0---1
//! ```

use op2::prelude::*;

op2::constants! {
    /// Mach number of the free stream.
    pub(crate) MACH: f64 = 0.1;
}

/// The ratio of specific heats of air, less one.
const GM1: f64 = 0.4;

/// The Gauss points of the interval from 0 to 1, to 15 digits as in the original program.
const NEAR: f64 = 0.211_324_865_405_187;
const FAR: f64 = 0.788_675_134_594_813;

/// Gradients of the four shape functions at the point `(s, t)` of the unit square that is mapped to
/// a cell, and how much larger areas are in the cell.
#[op2::function]
fn gradients(x: &[[f64; 2]; 4], s: f64, t: f64) -> ([[f64; 2]; 4], f64) {
    let by_s = [t - 1.0, 1.0 - t, -t, t];
    let by_t = [s - 1.0, -s, 1.0 - s, s];
    let mut x_s = [0.0; 2];
    let mut x_t = [0.0; 2];
    for j in 0..4 {
        for d in 0..2 {
            x_s[d] += x[j][d] * by_s[j];
            x_t[d] += x[j][d] * by_t[j];
        }
    }
    let area = x_s[0] * x_t[1] - x_s[1] * x_t[0];
    let scale = 1.0 / area;
    let mut grad = [[0.0; 2]; 4];
    for j in 0..4 {
        grad[j][0] = scale * (x_t[1] * by_s[j] - x_s[1] * by_t[j]);
        grad[j][1] = scale * (x_s[0] * by_t[j] - x_t[0] * by_s[j]);
    }
    (grad, area)
}

/// The gradient of a field from those of the shape functions.
#[op2::function]
fn gradient(grad: &[[f64; 2]; 4], field: &[f64; 4]) -> [f64; 2] {
    let mut sum = [0.0; 2];
    for j in 0..4 {
        for d in 0..2 {
            sum[d] += grad[j][d] * field[j];
        }
    }
    sum
}

/// Density at the velocity `u`, and what it loses as half the square of the speed grows.
#[op2::function]
fn density(u: [f64; 2]) -> (f64, f64) {
    let d = 1.0 + 0.5 * GM1 * (MACH * MACH - (u[0] * u[0] + u[1] * u[1]));
    // The power 1 / GM1 is 5/2, for which a square root is much faster than `powf`.
    let rho = d * d * d.sqrt();
    (rho, rho / d)
}

/// What one Gauss point `(s, t)` of a cell adds to the bonds and to the residual.
#[op2::function]
fn at_gauss_point(x: &[[f64; 2]; 4], phi: &[f64; 4], s: f64, t: f64) -> ([f64; 6], [f64; 4]) {
    let (grad, area) = gradients(x, s, t);
    let u = gradient(&grad, phi);
    let (rho, loss) = density(u);
    let weight = 0.25 * area;
    let mut along = [0.0; 4];
    let mut r = [0.0; 4];
    for j in 0..4 {
        along[j] = u[0] * grad[j][0] + u[1] * grad[j][1];
        r[j] = weight * rho * along[j];
    }
    let mut bonds = [0.0; 6];
    let mut pair = 0;
    for j in 0..3 {
        for l in (j + 1)..4 {
            let dot = grad[j][0] * grad[l][0] + grad[j][1] * grad[l][1];
            bonds[pair] = weight * (rho * dot - loss * along[j] * along[l]);
            pair += 1;
        }
    }
    (bonds, r)
}

/// What a cell adds to the Newton matrix and to the residual, at the potential `phi`.
///
/// Rows of `K` sum to zero, as the gradients of shape functions do, and `K` is symmetric. So the
/// six values above its diagonal say all of it, row by row: each binds two nodes to each other.
#[op2::function]
fn of_cell(x: &[[f64; 2]; 4], phi: &[f64; 4]) -> ([f64; 6], [f64; 4]) {
    // Four calls, not a loop: so the compiler sees through to one long run of arithmetic, and turns
    // that into vector instructions.
    let (bonds_1, r_1) = at_gauss_point(x, phi, NEAR, NEAR);
    let (bonds_2, r_2) = at_gauss_point(x, phi, FAR, NEAR);
    let (bonds_3, r_3) = at_gauss_point(x, phi, NEAR, FAR);
    let (bonds_4, r_4) = at_gauss_point(x, phi, FAR, FAR);
    let (mut bonds, mut r) = ([0.0; 6], [0.0; 4]);
    for pair in 0..6 {
        bonds[pair] = bonds_1[pair] + bonds_2[pair] + bonds_3[pair] + bonds_4[pair];
    }
    for j in 0..4 {
        r[j] = r_1[j] + r_2[j] + r_3[j] + r_4[j];
    }
    (bonds, r)
}

/// Keeps the matrix cell by cell.
#[op2::kernel]
pub(crate) fn linearize(
    x: &[[f64; 2]; 4],
    phi: &[f64; 4],
    bonds: Write<[f64; 6]>,
    r: Inc<[f64; 4]>,
) {
    let (of_pairs, of_nodes) = of_cell(x, phi);
    *bonds = of_pairs;
    for j in 0..4 {
        r[j] += of_nodes[j];
    }
}

/// Adds the cells up to a sparse matrix.
#[op2::kernel]
pub(crate) fn assemble(x: &[[f64; 2]; 4], phi: &[f64; 4], k: Inc<[[f64; 4]; 4]>, r: Inc<[f64; 4]>) {
    let (bonds, of_nodes) = of_cell(x, phi);
    let mut pair = 0;
    for j in 0..4 {
        r[j] += of_nodes[j];
        for l in (j + 1)..4 {
            k[j][l] += bonds[pair];
            k[l][j] += bonds[pair];
            k[j][j] -= bonds[pair];
            k[l][l] -= bonds[pair];
            pair += 1;
        }
    }
}

/// Adds a cell's part of `K p` to `kp`, and of `p . K p` to `energy`.
#[op2::kernel]
pub(crate) fn multiply(bonds: &[f64; 6], p: &[f64; 4], kp: Inc<[f64; 4]>, energy: Inc<f64>) {
    let (d01, d02, d03) = (p[1] - p[0], p[2] - p[0], p[3] - p[0]);
    let (d12, d13, d23) = (p[2] - p[1], p[3] - p[1], p[3] - p[2]);
    let (f01, f02, f03) = (bonds[0] * d01, bonds[1] * d02, bonds[2] * d03);
    let (f12, f13, f23) = (bonds[3] * d12, bonds[4] * d13, bonds[5] * d23);
    kp[0] += f01 + f02 + f03;
    kp[1] += f12 + f13 - f01;
    kp[2] += f23 - f02 - f12;
    kp[3] -= f03 + f13 + f23;
    *energy -= f01 * d01 + f02 * d02 + f03 * d03 + f12 * d12 + f13 * d13 + f23 * d23;
}

/// Far away the potential is known, so nothing is left to correct there.
#[op2::kernel]
pub(crate) fn hold(value: Write<f64>) {
    *value = 0.0;
}

/// Begins conjugate gradients at the correction 0; adds up the square of the residual.
#[op2::kernel]
pub(crate) fn begin(r: &f64, p: Write<f64>, correction: Write<f64>, square: Inc<f64>) {
    *p = *r;
    *correction = 0.0;
    *square += *r * *r;
}

/// Takes a step's effect off the residual and adds up its square; leaves `kp` ready for the next sum.
#[op2::kernel]
pub(crate) fn reduce(alpha: &f64, kp: &mut f64, r: &mut f64, square: Inc<f64>) {
    *r -= alpha * *kp;
    *kp = 0.0;
    *square += *r * *r;
}

/// Goes the step, and turns to the next direction.
#[op2::kernel]
pub(crate) fn advance(alpha: &f64, beta: &f64, r: &f64, p: &mut f64, correction: &mut f64) {
    *correction += alpha * *p;
    *p = *r + beta * *p;
}

/// Ends a Newton step: corrects the potential and clears the residual; adds up the square.
#[op2::kernel]
pub(crate) fn correct(correction: &f64, phi: &mut f64, r: Write<f64>, square: Inc<f64>) {
    *phi -= *correction;
    *r = 0.0;
    *square += *correction * *correction;
}

/// The velocity in the middle of a cell.
#[op2::kernel]
pub(crate) fn velocity(x: &[[f64; 2]; 4], phi: &[f64; 4], u: Write<[f64; 2]>) {
    let (grad, _) = gradients(x, 0.5, 0.5);
    *u = gradient(&grad, phi);
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: [[f64; 2]; 4] = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]];
    const SKEWED: [[f64; 2]; 4] = [[0.1, 0.0], [1.3, 0.2], [-0.2, 0.9], [0.8, 1.4]];

    fn residual(x: &[[f64; 2]; 4], phi: &[f64; 4]) -> ([f64; 4], [f64; 6]) {
        let (mut bonds, mut r) = ([f64::NAN; 6], [0.0; 4]);
        linearize(x, phi, &mut bonds, &mut r);
        (r, bonds)
    }

    fn product(bonds: &[f64; 6], p: &[f64; 4]) -> ([f64; 4], f64) {
        let (mut kp, mut energy) = ([0.0; 4], 0.0);
        multiply(bonds, p, &mut kp, &mut energy);
        (kp, energy)
    }

    fn assert_near(left: &[f64], right: &[f64], tolerance: f64) {
        for (a, b) in left.iter().zip(right) {
            assert!((a - b).abs() <= tolerance, "{left:?} is not {right:?}");
        }
    }

    #[test]
    fn at_rest_the_matrix_is_that_of_laplace() {
        // The density at rest; bilinear elements bind neighbors by -1/6, opposite nodes by -1/3.
        let rho = (1.0 + 0.2 * 0.01_f64).powf(2.5);
        let (r, bonds) = residual(&SQUARE, &[3.0; 4]);
        assert_near(&r, &[0.0; 4], 1e-14);
        let expected = [-0.5, -0.5, -1.0, -1.0, -0.5, -0.5].map(|bond| bond * rho / 3.0);
        assert_near(&bonds, &expected, 1e-14);
    }

    #[test]
    fn the_free_stream_has_density_one_and_flows_through() {
        // phi = MACH x: the residual of a node is its share of the flow through the sides.
        let phi = SQUARE.map(|x| 0.1 * x[0]);
        let (r, _) = residual(&SQUARE, &phi);
        assert_near(&r, &[-0.05, 0.05, -0.05, 0.05], 1e-15);
        let phi = SKEWED.map(|x| 0.1 * x[0]);
        let (r, _) = residual(&SKEWED, &phi);
        assert!(r.iter().sum::<f64>().abs() < 1e-15);
    }

    #[test]
    fn the_matrix_is_the_derivative_of_the_residual() {
        let phi = [0.0, 0.31, -0.12, 0.4];
        let (_, bonds) = residual(&SKEWED, &phi);
        for l in 0..4 {
            let step = 1e-6;
            let (mut up, mut down, mut unit) = (phi, phi, [0.0; 4]);
            up[l] += step;
            down[l] -= step;
            unit[l] = 1.0;
            let (up, down) = (residual(&SKEWED, &up).0, residual(&SKEWED, &down).0);
            let slope: [f64; 4] = std::array::from_fn(|j| (up[j] - down[j]) / (2.0 * step));
            assert_near(&product(&bonds, &unit).0, &slope, 1e-9);
        }
    }

    #[test]
    fn both_forms_of_the_matrix_are_one() {
        let phi = [0.0, 0.31, -0.12, 0.4];
        let (r, bonds) = residual(&SKEWED, &phi);
        let (mut k, mut also_r) = ([[0.0; 4]; 4], [0.0; 4]);
        assemble(&SKEWED, &phi, &mut k, &mut also_r);
        assert_eq!(r, also_r);
        for l in 0..4 {
            let mut unit = [0.0; 4];
            unit[l] = 1.0;
            assert_near(&product(&bonds, &unit).0, &k.map(|row| row[l]), 1e-15);
        }
    }

    #[test]
    fn the_energy_is_the_product_with_the_direction() {
        let (_, bonds) = residual(&SKEWED, &[0.0, 0.1, 0.0, 0.1]);
        let p = [0.3, -0.7, 1.1, 0.2];
        let (kp, energy) = product(&bonds, &p);
        let dot: f64 = kp.iter().zip(&p).map(|(a, b)| a * b).sum();
        assert!(energy > 0.0 && (energy - dot).abs() < 1e-14);
        assert_near(&product(&bonds, &[5.0; 4]).0, &[0.0; 4], 0.0);
    }

    #[test]
    fn conjugate_gradients_take_one_step_in_one_dimension() {
        // 3 u = 6
        let (mut p, mut u, mut square) = (0.0, 9.0, 0.0);
        let mut r = 6.0;
        begin(&r, &mut p, &mut u, &mut square);
        assert_eq!((p, u, square), (6.0, 0.0, 36.0));
        let mut kp = 3.0 * p;
        let alpha = square / (p * kp);
        square = 0.0;
        reduce(&alpha, &mut kp, &mut r, &mut square);
        advance(&alpha, &0.0, &r, &mut p, &mut u);
        assert!(square < 1e-30 && kp == 0.0);
        assert!((u - 2.0).abs() < 1e-15);
    }

    #[test]
    fn a_correction_is_taken_off_the_potential() {
        let (mut phi, mut r, mut square) = (1.0, 7.0, 1.0);
        correct(&0.5, &mut phi, &mut r, &mut square);
        assert_eq!((phi, r, square), (0.5, 0.0, 1.25));
        hold(&mut phi);
        assert_eq!(phi, 0.0);
    }

    #[test]
    fn the_velocity_of_a_linear_potential_is_its_slope() {
        let mut u = [0.0; 2];
        velocity(&SKEWED, &SKEWED.map(|x| 0.2 * x[0] - 0.5 * x[1]), &mut u);
        assert_near(&u, &[0.2, -0.5], 1e-15);
    }
}

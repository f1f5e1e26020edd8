//! The flow that is to be found: a vortex, as a formula, and the force that drives it.
//!
//! `u = (s(x) sin 2 pi y, -s(y) sin 2 pi x)` with `s = sin^2 pi x` has no divergence, and is at rest on the
//! sides of the unit square. With viscosity 1 the force is `-div (grad u + grad u^T) + grad p`.

use std::f64::consts::PI;

/// The velocity.
#[op2::function]
pub(crate) fn velocity(x: &[f64; 2]) -> [f64; 2] {
    let (a, b) = ((PI * x[0]).sin(), (PI * x[1]).sin());
    [a * a * (2.0 * PI * x[1]).sin(), -b * b * (2.0 * PI * x[0]).sin()]
}

/// Its gradient: row `i` has the derivatives of component `i`.
#[op2::function]
pub(crate) fn velocity_gradient(x: &[f64; 2]) -> [[f64; 2]; 2] {
    let (a, b) = ((PI * x[0]).sin(), (PI * x[1]).sin());
    let both = PI * (2.0 * PI * x[0]).sin() * (2.0 * PI * x[1]).sin();
    let u_y = 2.0 * PI * a * a * (2.0 * PI * x[1]).cos();
    let v_x = -2.0 * PI * b * b * (2.0 * PI * x[0]).cos();
    [[both, u_y], [v_x, -both]]
}

/// The pressure, of which only the gradient matters.
#[op2::function]
pub(crate) fn pressure(x: &[f64; 2]) -> f64 {
    (PI * x[0]).cos() * (PI * x[1]).cos()
}

/// The force in each unit of area.
#[op2::function]
pub(crate) fn force(x: &[f64; 2]) -> [f64; 2] {
    let (a, b) = ((PI * x[0]).sin(), (PI * x[1]).sin());
    let (s, t) = ((2.0 * PI * x[0]).sin(), (2.0 * PI * x[1]).sin());
    let (c, d) = ((2.0 * PI * x[0]).cos(), (2.0 * PI * x[1]).cos());
    let laplacian = [2.0 * PI * PI * t * (c - 2.0 * a * a), 2.0 * PI * PI * s * (2.0 * b * b - d)];
    let p_x = -PI * a * (PI * x[1]).cos();
    let p_y = -PI * b * (PI * x[0]).cos();
    [p_x - laplacian[0], p_y - laplacian[1]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formulas_fit_together() {
        let (x, h) = ([0.3, 0.85], 1e-5);
        let at = |axis: usize, by: f64| {
            let mut place = x;
            place[axis] += by;
            place
        };
        let g = velocity_gradient(&x);
        assert!((g[0][0] + g[1][1]).abs() < 1e-15, "no divergence");
        let mut balance = force(&x);
        for j in 0..2 {
            let (up, down) = (at(j, h), at(j, -h));
            let (g_up, g_down) = (velocity_gradient(&up), velocity_gradient(&down));
            balance[j] -= (pressure(&up) - pressure(&down)) / (2.0 * h);
            for i in 0..2 {
                let slope = (velocity(&up)[i] - velocity(&down)[i]) / (2.0 * h);
                assert!((slope - g[i][j]).abs() < 1e-8, "{i} by {j}");
                let stress = |g: [[f64; 2]; 2]| g[i][j] + g[j][i];
                balance[i] += (stress(g_up) - stress(g_down)) / (2.0 * h);
            }
        }
        assert!(balance.iter().all(|rest| rest.abs() < 1e-7), "{balance:?}");
        assert_eq!(velocity(&[0.0, 0.5]), [0.0, 0.0]);
    }
}

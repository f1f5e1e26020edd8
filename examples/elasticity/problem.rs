//! The problems: which displacement is right, where it is held, where the solid is pulled.
//!
//! The solution is a formula for three of them. Those of the cantilever and of the stretched brick fill
//! the bounding box of the mesh, from `LOW` with the lengths `SIDES`; the waves go on anywhere.

use crate::common::given::choice;

choice! {
    /// What is computed. The numbers of the variants are those of `PROBLEM` in kernels.
    Problem { Cantilever = "cantilever", Stretch = "stretch", Waves = "waves", Bracket = "bracket" }
}

/// Young's modulus and Poisson's ratio: those of steel, with stresses in units of the former.
pub(crate) const YOUNG: f64 = 1.0;
pub(crate) const POISSON: f64 = 0.3;

/// Lamé's constants.
pub(crate) const LAMBDA: f64 = YOUNG * POISSON / ((1.0 + POISSON) * (1.0 - 2.0 * POISSON));
pub(crate) const MU: f64 = 0.5 * YOUNG / (1.0 + POISSON);

/// The same for a plate that cannot become narrower or wider: plane strain.
const PLATE_YOUNG: f64 = YOUNG / (1.0 - POISSON * POISSON);
const PLATE_POISSON: f64 = POISSON / (1.0 - POISSON);

/// What pulls: per unit of width at the cantilever, of area elsewhere.
pub(crate) const PULL: f64 = 1e-3;

/// Direction and wave numbers of the waves.
const SWING: [f64; 3] = [0.010, -0.006, 0.008];
const WAVE: [f64; 3] = [1.5, 2.0, 2.5];

op2::constants! {
    /// The [`Problem`].
    pub(crate) PROBLEM: u32 = 0;
    /// The lowest corner of the mesh's bounding box.
    pub(crate) LOW: [f64; 3] = [0.0; 3];
    /// The sides of the mesh's bounding box.
    pub(crate) SIDES: [f64; 3] = [4.0, 1.0, 1.0];
}

impl Problem {
    /// The faces where the displacement is given: all of it, or one component.
    pub(crate) fn supports(self, clamp: &str) -> Vec<(&str, Option<usize>)> {
        match self {
            // The plate goes on to both sides: nothing moves across the cuts.
            Self::Cantilever => vec![("x-min", None), ("y-min", Some(1)), ("y-max", Some(1))],
            // Rollers, which leave the brick free to become thinner.
            Self::Stretch => vec![("x-min", Some(0)), ("y-min", Some(1)), ("z-min", Some(2))],
            Self::Waves => vec![("all", None)],
            Self::Bracket => vec![(clamp, None)],
        }
    }

    /// The face that is pulled, and the direction in which this moves it.
    pub(crate) fn pulled(self, load: &str) -> Option<(&str, [f64; 3])> {
        match self {
            Self::Cantilever => Some(("x-max", [0.0, 0.0, -1.0])),
            Self::Stretch => Some(("x-max", [1.0, 0.0, 0.0])),
            Self::Waves => None,
            Self::Bracket => Some((load, [0.0, 0.0, -1.0])),
        }
    }

    /// Whether the solution is a formula.
    pub(crate) fn is_known(self) -> bool {
        self != Self::Bracket
    }

    /// Whether the formula holds only if the mesh fills a box.
    pub(crate) fn needs_box(self) -> bool {
        matches!(self, Self::Cantilever | Self::Stretch)
    }

    /// How far the pulled face of a box moves by the formula.
    pub(crate) fn deflection(self, [length, _, depth]: [f64; 3]) -> Option<f64> {
        match self {
            Self::Cantilever => {
                let inertia = depth.powi(3) / 12.0;
                let bending = 2.0 * length.powi(3);
                let shear = (4.0 + 5.0 * PLATE_POISSON) * depth * depth * length / 4.0;
                Some(PULL * (bending + shear) / (6.0 * PLATE_YOUNG * inertia))
            }
            Self::Stretch => Some(PULL / YOUNG * length),
            Self::Waves | Self::Bracket => None,
        }
    }
}

/// The displacement by the formula; none where there is no formula, which is right at a clamp.
#[op2::function]
pub(crate) fn displacement(x: &[f64; 3]) -> [f64; 3] {
    let (a, b, c) = (x[0] - LOW[0], x[1] - LOW[1], x[2] - LOW[2]);
    match PROBLEM {
        0 => bent(a, c - 0.5 * SIDES[2]),
        1 => {
            let strain = PULL / YOUNG;
            [strain * a, -POISSON * strain * b, -POISSON * strain * c]
        }
        2 => {
            let s = (WAVE[0] * x[0] + WAVE[1] * x[1] + WAVE[2] * x[2]).sin();
            [SWING[0] * s, SWING[1] * s, SWING[2] * s]
        }
        _ => [0.0; 3],
    }
}

/// The gradient of the displacement: row `i` has the derivatives of component `i`.
#[op2::function]
pub(crate) fn gradient(x: &[f64; 3]) -> [[f64; 3]; 3] {
    let mut g = [[0.0; 3]; 3];
    match PROBLEM {
        0 => {
            let (a, z) = (x[0] - LOW[0], x[2] - LOW[2] - 0.5 * SIDES[2]);
            g = bent_gradient(a, z);
        }
        1 => {
            let strain = PULL / YOUNG;
            g[0][0] = strain;
            g[1][1] = -POISSON * strain;
            g[2][2] = -POISSON * strain;
        }
        2 => {
            let c = (WAVE[0] * x[0] + WAVE[1] * x[1] + WAVE[2] * x[2]).cos();
            for i in 0..3 {
                for j in 0..3 {
                    g[i][j] = SWING[i] * WAVE[j] * c;
                }
            }
        }
        _ => {}
    }
    g
}

/// The force in each unit of volume: what the waves need, `-div stress`.
#[op2::function]
pub(crate) fn body_force(x: &[f64; 3]) -> [f64; 3] {
    let mut force = [0.0; 3];
    if PROBLEM == 2 {
        let s = (WAVE[0] * x[0] + WAVE[1] * x[1] + WAVE[2] * x[2]).sin();
        let along = SWING[0] * WAVE[0] + SWING[1] * WAVE[1] + SWING[2] * WAVE[2];
        let square = WAVE[0] * WAVE[0] + WAVE[1] * WAVE[1] + WAVE[2] * WAVE[2];
        for i in 0..3 {
            force[i] = s * ((LAMBDA + MU) * along * WAVE[i] + MU * square * SWING[i]);
        }
    }
    force
}

/// A plate that is clamped at `a = 0` and pulled down at `a = SIDES[0]`; `z` is the height over its middle.
///
/// Timoshenko and Goodier, "Theory of elasticity", 1970, article 21. The clamped end is held in its middle;
/// it warps a little, as the formula says, and the pull is spread over the end as a parabola.
#[op2::function]
fn bent(a: f64, z: f64) -> [f64; 3] {
    let (length, depth) = (SIDES[0], SIDES[2]);
    let quarter = 0.25 * depth * depth;
    let scale = 2.0 * PULL / (PLATE_YOUNG * depth * depth * depth);
    let along = (6.0 * length - 3.0 * a) * a + (2.0 + PLATE_POISSON) * (z * z - quarter);
    let down = 3.0 * PLATE_POISSON * z * z * (length - a)
        + (4.0 + 5.0 * PLATE_POISSON) * quarter * a
        + (3.0 * length - a) * a * a;
    [scale * z * along, 0.0, -scale * down]
}

#[op2::function]
fn bent_gradient(a: f64, z: f64) -> [[f64; 3]; 3] {
    let (length, depth) = (SIDES[0], SIDES[2]);
    let quarter = 0.25 * depth * depth;
    let scale = 2.0 * PULL / (PLATE_YOUNG * depth * depth * depth);
    let stretch = 6.0 * scale * z * (length - a);
    let along_by_z = (6.0 * length - 3.0 * a) * a + (2.0 + PLATE_POISSON) * (3.0 * z * z - quarter);
    let down_by_a = -3.0 * PLATE_POISSON * z * z
        + (4.0 + 5.0 * PLATE_POISSON) * quarter
        + (6.0 * length - 3.0 * a) * a;
    [
        [stretch, 0.0, scale * along_by_z],
        [0.0, 0.0, 0.0],
        [-scale * down_by_a, 0.0, -PLATE_POISSON * stretch],
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::stress;

    /// Constants are shared by all tests of this program, so one test looks at all problems.
    #[test]
    fn formulas_are_solutions() {
        let x = [0.7, 0.4, 0.9];
        for problem in [Problem::Cantilever, Problem::Stretch, Problem::Waves] {
            let _turn = crate::solid::tests::take_turn(problem);
            let h = 1e-5;
            let moved = |axis: usize, by: f64| {
                let mut place = x;
                place[axis] += by;
                place
            };
            let g = gradient(&x);
            let mut force = [0.0; 3];
            for j in 0..3 {
                let (up, down) = (displacement(&moved(j, h)), displacement(&moved(j, -h)));
                let (s_up, s_down) =
                    (stress(&gradient(&moved(j, h))), stress(&gradient(&moved(j, -h))));
                for i in 0..3 {
                    let slope = (up[i] - down[i]) / (2.0 * h);
                    assert!((slope - g[i][j]).abs() < 1e-9, "{problem}: {i} by {j}");
                    force[i] -= (s_up[i][j] - s_down[i][j]) / (2.0 * h);
                }
            }
            for (found, formula) in force.iter().zip(body_force(&x)) {
                assert!((found - formula).abs() < 1e-9, "{problem}: {found} {formula}");
            }
            if let Some((_, direction)) = problem.pulled("") {
                let tip = displacement(&[4.0, 0.0, 0.5]);
                let moved: f64 = tip.iter().zip(direction).map(|(u, d)| u * d).sum();
                let deflection = problem.deflection(SIDES.get()).unwrap();
                assert!((moved - deflection).abs() < 1e-14, "{problem}");
            }
        }
    }
}

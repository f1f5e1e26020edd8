//! Numerical integration over triangles and tetrahedra.
//!
//! Both rules are symmetric, have positive weights and points inside, and integrate polynomials of
//! degree 8 exactly: P1 elements need far less, but the smooth source and errors of the problems
//! here then come out to many digits.
//!
//! - Triangles: 16 points; D. A. Dunavant, "High degree efficient symmetrical Gaussian quadrature
//!   rules for the triangle", Int. J. Numer. Meth. Eng. 21, 1985, degree 8.
//! - Tetrahedra: 46 points; L. Zhang, T. Cui, H. Liu, "A set of symmetric quadrature rules on
//!   triangles and tetrahedra", J. Comput. Math. 27, 2009, degree 8.

/// Points in a simplex with `N` corners, and what each counts for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule<const N: usize, const Q: usize> {
    /// Barycentric coordinates, `[Q, N]`: the shares of the corners.
    pub(crate) points: [[f64; N]; Q],
    /// Parts of the area or volume, `[Q]`; their sum is 1.
    pub(crate) weights: [f64; Q],
}

/// The rule for triangles.
pub(crate) fn triangle() -> Rule<3, 16> {
    let (a, b, c) = (0.170_569_307_751_760_2, 0.050_547_228_317_030_98, 0.459_292_588_292_723_2);
    let (d, e) = (0.263_112_829_634_638_1, 0.008_394_777_409_957_605);
    Rule::symmetric(&[
        (0.144_315_607_677_787_17, [1.0 / 3.0; 3]),
        (0.103_217_370_534_718_25, [a, a, 1.0 - 2.0 * a]),
        (0.032_458_497_623_198_08, [b, b, 1.0 - 2.0 * b]),
        (0.095_091_634_267_284_62, [c, c, 1.0 - 2.0 * c]),
        (0.027_230_314_174_434_994, [d, e, 1.0 - d - e]),
    ])
}

/// The rule for tetrahedra.
pub(crate) fn tetrahedron() -> Rule<4, 46> {
    let (a, b) = (0.039_675_423_070_389_9, 0.314_487_800_698_096_3);
    let (c, d) = (0.101_986_693_062_703_3, 0.184_203_696_949_191_5);
    let e = 0.063_436_287_754_539_9;
    let (f, g) = (0.021_690_162_067_728_005, 0.719_931_922_039_465_9);
    let (h, i) = (0.204_480_080_636_795_7, 0.580_577_190_128_809_2);
    Rule::symmetric(&[
        (0.006_397_147_779_902_321, [a, a, a, 1.0 - 3.0 * a]),
        (0.040_190_448_020_966_17, [b, b, b, 1.0 - 3.0 * b]),
        (0.024_307_975_504_770_32, [c, c, c, 1.0 - 3.0 * c]),
        (0.054_858_892_413_697_44, [d, d, d, 1.0 - 3.0 * d]),
        (0.035_719_612_234_099_18, [e, e, 0.5 - e, 0.5 - e]),
        (0.007_183_190_697_852_539, [f, f, g, 1.0 - 2.0 * f - g]),
        (0.016_372_181_945_319_118, [h, h, i, 1.0 - 2.0 * h - i]),
    ])
}

impl<const N: usize, const Q: usize> Rule<N, Q> {
    /// The rule whose points are the given ones with their coordinates in every order.
    ///
    /// # Panics
    /// If these are not `Q` points.
    fn symmetric(orbits: &[(f64, [f64; N])]) -> Self {
        let (mut points, mut weights) = (Vec::new(), Vec::new());
        for &(weight, mut point) in orbits {
            point.sort_by(f64::total_cmp);
            points.push(point);
            while next_order(&mut point) {
                points.push(point);
            }
            weights.resize(points.len(), weight);
        }
        let counted = "the orbits have Q points";
        Self {
            points: points.try_into().expect(counted),
            weights: weights.try_into().expect(counted),
        }
    }
}

/// Goes on to the lexicographically next order, equal values being alike; `false` at the last.
fn next_order(values: &mut [f64]) -> bool {
    let Some(pivot) = values.windows(2).rposition(|pair| pair[0] < pair[1]) else { return false };
    let larger = values.iter().rposition(|value| *value > values[pivot]);
    values.swap(pivot, larger.expect("the next one is larger"));
    values[pivot + 1..].reverse();
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean of a product of powers of barycentric coordinates: `(N-1)! prod e_i! / (N-1 + sum e_i)!`.
    fn exact<const N: usize>(powers: [usize; N]) -> f64 {
        let factorial = |n: usize| (1..=n).map(|k| k as f64).product::<f64>();
        let above = powers.into_iter().map(factorial).product::<f64>();
        factorial(N - 1) * above / factorial(N - 1 + powers.iter().sum::<usize>())
    }

    fn check<const N: usize, const Q: usize>(rule: &Rule<N, Q>, degree: usize) {
        let in_digits = |code: usize| std::array::from_fn(|k| code / 9_usize.pow(k as u32) % 9);
        let all = (0..9_usize.pow(N as u32)).map(in_digits);
        let mut checked = 0;
        for powers in all.filter(|powers: &[usize; N]| powers.iter().sum::<usize>() <= degree) {
            let monomial = |point: &[f64; N]| {
                point.iter().zip(powers).map(|(x, e)| x.powi(e as i32)).product::<f64>()
            };
            let sum: f64 = rule.points.iter().zip(rule.weights).map(|(p, w)| w * monomial(p)).sum();
            assert!((sum / exact(powers) - 1.0).abs() < 1e-13, "{powers:?}: {sum:e}");
            checked += 1;
        }
        assert!(checked > 100);
    }

    #[test]
    fn polynomials_of_degree_8_are_integrated_exactly() {
        check(&triangle(), 8);
        check(&tetrahedron(), 8);
    }

    #[test]
    fn points_are_inside_and_weights_positive() {
        let inside = |points: &[f64]| points.iter().all(|&x| 0.0 < x && x < 1.0);
        assert!(inside(triangle().points.as_flattened()) && inside(&triangle().weights));
        assert!(inside(tetrahedron().points.as_flattened()) && inside(&tetrahedron().weights));
    }
}

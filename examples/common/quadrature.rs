//! Numerical integration over triangles and tetrahedra.
//!
//! Rules are named by the degree up to which they integrate polynomials exactly. All are symmetric, with
//! positive weights and no point outside.
//!
//! Kernels read the constants of a module by a name in capitals, but not their fields: a kernel of one shape
//! of cells names `points` and `weights` by constants of its own, one of all shapes takes them as
//! arguments.

/// Points in a simplex with `N` corners, and what each counts for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule<const N: usize, const Q: usize> {
    /// Barycentric coordinates, `[Q, N]`: the shares of the corners.
    pub(crate) points: [[f64; N]; Q],
    /// Parts of the area or volume, `[Q]`; their sum is 1.
    pub(crate) weights: [f64; Q],
}

/// The middles of the sides.
pub(crate) const TRIANGLE_2: Rule<3, 3> = Rule::symmetric(&[(1.0 / 3.0, [0.0, 0.5, 0.5])]);

/// D. A. Dunavant, "High degree efficient symmetrical Gaussian quadrature rules for the triangle", Int. J.
/// Numer. Meth. Eng. 21, 1985, degree 6.
pub(crate) const TRIANGLE_6: Rule<3, 12> = {
    let (a, b) = (0.249_286_745_170_910_42, 0.063_089_014_491_502_23);
    let (c, d) = (0.310_352_451_033_784_4, 0.053_145_049_844_816_947);
    let (u, v) = (0.116_786_275_726_379_37, 0.050_844_906_370_206_82);
    Rule::symmetric(&[
        (u, [a, a, 1.0 - 2.0 * a]),
        (v, [b, b, 1.0 - 2.0 * b]),
        ((1.0 - 3.0 * (u + v)) / 6.0, [d, c, 1.0 - c - d]),
    ])
};

/// The same, degree 8.
pub(crate) const TRIANGLE_8: Rule<3, 16> = {
    let (a, b, c) = (0.170_569_307_751_760_2, 0.050_547_228_317_030_98, 0.459_292_588_292_723_2);
    let (d, e) = (0.263_112_829_634_638_1, 0.008_394_777_409_957_605);
    Rule::symmetric(&[
        (0.144_315_607_677_787_17, [1.0 / 3.0; 3]),
        (0.103_217_370_534_718_25, [a, a, 1.0 - 2.0 * a]),
        (0.032_458_497_623_198_08, [b, b, 1.0 - 2.0 * b]),
        (0.095_091_634_267_284_62, [1.0 - 2.0 * c, c, c]),
        (0.027_230_314_174_434_994, [e, d, 1.0 - d - e]),
    ])
};

/// N. J. Walkington, "Quadrature on simplices of arbitrary dimension", 2000, degree 5.
pub(crate) const TETRAHEDRON_5: Rule<4, 14> = {
    let (a, b) = (0.310_885_919_263_300_6, 0.092_735_250_310_891_23);
    let c = 0.045_503_704_125_649_65;
    let (u, v) = (0.112_687_925_718_015_85, 0.073_493_043_116_361_95);
    Rule::symmetric(&[
        (u, [1.0 - 3.0 * a, a, a, a]),
        (v, [b, b, b, 1.0 - 3.0 * b]),
        ((1.0 - 4.0 * (u + v)) / 6.0, [c, c, 0.5 - c, 0.5 - c]),
    ])
};

/// L. Zhang, T. Cui, H. Liu, "A set of symmetric quadrature rules on triangles and tetrahedra", J. Comput.
/// Math. 27, 2009, degree 8.
pub(crate) const TETRAHEDRON_8: Rule<4, 46> = {
    let (a, b) = (0.039_675_423_070_389_9, 0.314_487_800_698_096_3);
    let (c, d) = (0.101_986_693_062_703_3, 0.184_203_696_949_191_5);
    let e = 0.063_436_287_754_539_9;
    let (f, g) = (0.021_690_162_067_728_005, 0.719_931_922_039_465_9);
    let (h, i) = (0.204_480_080_636_795_7, 0.580_577_190_128_809_2);
    Rule::symmetric(&[
        (0.006_397_147_779_902_321, [a, a, a, 1.0 - 3.0 * a]),
        (0.040_190_448_020_966_17, [1.0 - 3.0 * b, b, b, b]),
        (0.024_307_975_504_770_32, [c, c, c, 1.0 - 3.0 * c]),
        (0.054_858_892_413_697_44, [d, d, d, 1.0 - 3.0 * d]),
        (0.035_719_612_234_099_18, [e, e, 0.5 - e, 0.5 - e]),
        (0.007_183_190_697_852_539, [f, f, 1.0 - 2.0 * f - g, g]),
        (0.016_372_181_945_319_118, [1.0 - 2.0 * h - i, h, h, i]),
    ])
};

impl<const N: usize, const Q: usize> Rule<N, Q> {
    /// The rule whose points are the given ones with their coordinates in every order, equal coordinates
    /// being alike. These must ascend.
    ///
    /// # Panics
    /// If these are not `Q` points, as when coordinates do not ascend. The rules being constants, the
    /// compiler says so.
    const fn symmetric(orbits: &[(f64, [f64; N])]) -> Self {
        let (mut points, mut weights) = ([[0.0; N]; Q], [0.0; Q]);
        let (mut orbit, mut filled) = (0, 0);
        while orbit < orbits.len() {
            let (weight, mut point) = orbits[orbit];
            let mut more = true;
            while more {
                (points[filled], weights[filled]) = (point, weight);
                filled += 1;
                (point, more) = next_order(point);
            }
            orbit += 1;
        }
        assert!(filled == Q, "the orbits have Q points");
        Self { points, weights }
    }
}

/// The lexicographically next order of values; `false` after the last.
const fn next_order<const N: usize>(mut values: [f64; N]) -> ([f64; N], bool) {
    let mut tail = N - 1;
    while tail > 0 && values[tail - 1] >= values[tail] {
        tail -= 1;
    }
    if tail == 0 {
        return (values, false);
    }
    let (pivot, mut larger) = (tail - 1, N - 1);
    while values[larger] <= values[pivot] {
        larger -= 1;
    }
    values.swap(pivot, larger);
    // What follows descends; it is to ascend.
    let mut last = N - 1;
    while tail < last {
        values.swap(tail, last);
        (tail, last) = (tail + 1, last - 1);
    }
    (values, true)
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

    /// How far a rule is off, at most, for products of `degree` coordinates.
    fn off<const N: usize, const Q: usize>(rule: &Rule<N, Q>, degree: usize) -> f64 {
        let in_digits = |code: usize| std::array::from_fn(|k| code / 10_usize.pow(k as u32) % 10);
        let all = (0..10_usize.pow(N as u32)).map(in_digits);
        let monomials = all.filter(|powers: &[usize; N]| powers.iter().sum::<usize>() == degree);
        let error = |powers: [usize; N]| {
            let monomial = |point: &[f64; N]| {
                point.iter().zip(powers).map(|(x, e)| x.powi(e as i32)).product::<f64>()
            };
            let sum: f64 = rule.points.iter().zip(rule.weights).map(|(p, w)| w * monomial(p)).sum();
            (sum / exact(powers) - 1.0).abs()
        };
        monomials.map(error).fold(0.0, f64::max)
    }

    fn check<const N: usize, const Q: usize>(rule: &Rule<N, Q>, degree: usize) {
        for lower in 0..=degree {
            assert!(off(rule, lower) < 1e-13, "{lower}: {:e}", off(rule, lower));
        }
        assert!(off(rule, degree + 1) > 1e-6, "a rule of a higher degree than its name says");
        let share = |&x: &f64| (0.0..1.0).contains(&x);
        assert!(rule.points.as_flattened().iter().all(share));
        assert!(rule.weights.iter().all(|&weight| share(&weight) && weight > 0.0));
    }

    #[test]
    fn rules_are_exact_up_to_their_degree() {
        check(&TRIANGLE_2, 2);
        check(&TRIANGLE_6, 6);
        check(&TRIANGLE_8, 8);
        check(&TETRAHEDRON_5, 5);
        check(&TETRAHEDRON_8, 8);
    }

    #[test]
    fn orders_are_all_different() {
        let (last, more) = next_order([0.5, 0.3, 0.2]);
        assert_eq!((last, more), ([0.5, 0.3, 0.2], false));
        assert_eq!(next_order([0.2, 0.5, 0.3]), ([0.3, 0.2, 0.5], true));
        assert_eq!(next_order([0.1, 0.4, 0.4]), ([0.4, 0.1, 0.4], true));
    }
}

//! Quadrature rules on triangles and tetrahedra, for kernels.
//!
//! A point is given by its barycentric coordinates: how much each corner counts. Weights sum to 1; times
//! area or volume, they are shares of it.

/// The middles of the sides of a triangle, each with a third of the area. Exact up to degree 2.
pub(crate) const TRIANGLE_2: [[f64; 3]; 3] = [[0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]];

/// Exact on triangles up to degree 6. Dunavant, "High degree efficient symmetrical Gaussian quadrature
/// rules for the triangle", 1985.
pub(crate) const TRIANGLE_6: [[f64; 3]; 12] = [
    [A6, A6, 1.0 - 2.0 * A6],
    [A6, 1.0 - 2.0 * A6, A6],
    [1.0 - 2.0 * A6, A6, A6],
    [B6, B6, 1.0 - 2.0 * B6],
    [B6, 1.0 - 2.0 * B6, B6],
    [1.0 - 2.0 * B6, B6, B6],
    [C6, D6, 1.0 - C6 - D6],
    [D6, C6, 1.0 - C6 - D6],
    [C6, 1.0 - C6 - D6, D6],
    [D6, 1.0 - C6 - D6, C6],
    [1.0 - C6 - D6, C6, D6],
    [1.0 - C6 - D6, D6, C6],
];
const A6: f64 = 0.249_286_745_170_910_42;
const B6: f64 = 0.063_089_014_491_502_23;
const C6: f64 = 0.310_352_451_033_784_4;
const D6: f64 = 0.053_145_049_844_816_947;

/// The weights of [`TRIANGLE_6`].
pub(crate) const TRIANGLE_6_WEIGHTS: [f64; 12] = [U6, U6, U6, V6, V6, V6, W6, W6, W6, W6, W6, W6];
const U6: f64 = 0.116_786_275_726_379_37;
const V6: f64 = 0.050_844_906_370_206_82;
const W6: f64 = (1.0 - 3.0 * (U6 + V6)) / 6.0;

/// Exact on tetrahedra up to degree 5. Walkington, "Quadrature on simplices of arbitrary dimension", 2000.
pub(crate) const TETRAHEDRON_5: [[f64; 4]; 14] = [
    [A5, A5, A5, 1.0 - 3.0 * A5],
    [A5, A5, 1.0 - 3.0 * A5, A5],
    [A5, 1.0 - 3.0 * A5, A5, A5],
    [1.0 - 3.0 * A5, A5, A5, A5],
    [B5, B5, B5, 1.0 - 3.0 * B5],
    [B5, B5, 1.0 - 3.0 * B5, B5],
    [B5, 1.0 - 3.0 * B5, B5, B5],
    [1.0 - 3.0 * B5, B5, B5, B5],
    [C5, C5, 0.5 - C5, 0.5 - C5],
    [C5, 0.5 - C5, C5, 0.5 - C5],
    [C5, 0.5 - C5, 0.5 - C5, C5],
    [0.5 - C5, C5, C5, 0.5 - C5],
    [0.5 - C5, C5, 0.5 - C5, C5],
    [0.5 - C5, 0.5 - C5, C5, C5],
];
const A5: f64 = 0.310_885_919_263_300_6;
const B5: f64 = 0.092_735_250_310_891_23;
const C5: f64 = 0.045_503_704_125_649_65;

/// The weights of [`TETRAHEDRON_5`].
pub(crate) const TETRAHEDRON_5_WEIGHTS: [f64; 14] =
    [U5, U5, U5, U5, V5, V5, V5, V5, W5, W5, W5, W5, W5, W5];
const U5: f64 = 0.112_687_925_718_015_85;
const V5: f64 = 0.073_493_043_116_361_95;
const W5: f64 = (1.0 - 4.0 * (U5 + V5)) / 6.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn factorial(n: i32) -> f64 {
        (1..=n).map(f64::from).product()
    }

    /// The mean of a product of powers of barycentric coordinates over a simplex.
    fn mean(powers: &[i32]) -> f64 {
        let dim = powers.len() as i32 - 1;
        let above: f64 = powers.iter().map(|&power| factorial(power)).product();
        above * factorial(dim) / factorial(powers.iter().sum::<i32>() + dim)
    }

    fn sum<const N: usize>(points: &[[f64; N]], weights: &[f64], powers: [i32; N]) -> f64 {
        let value = |point: &[f64; N]| -> f64 {
            point.iter().zip(powers).map(|(&coordinate, power)| coordinate.powi(power)).product()
        };
        points.iter().zip(weights).map(|(point, weight)| weight * value(point)).sum()
    }

    #[test]
    fn triangles_are_exact_up_to_their_degree() {
        for (i, j, k) in (0..=6).flat_map(|i| (0..=6 - i).map(move |j| (i, j, 6 - i - j))) {
            let powers = [i, j, k];
            let six = sum(&TRIANGLE_6, &TRIANGLE_6_WEIGHTS, powers);
            assert!((six - mean(&powers)).abs() < 1e-14, "{powers:?}");
        }
        for powers in [[2, 0, 0], [0, 2, 0], [0, 0, 2], [1, 1, 0], [1, 0, 1], [0, 1, 1]] {
            let two = sum(&TRIANGLE_2, &[1.0 / 3.0; 3], powers);
            assert!((two - mean(&powers)).abs() < 1e-15, "{powers:?}");
        }
    }

    #[test]
    fn tetrahedra_are_exact_up_to_their_degree() {
        for (i, j) in (0..=5).flat_map(|i| (0..=5 - i).map(move |j| (i, j))) {
            for k in 0..=5 - i - j {
                let powers = [i, j, k, 5 - i - j - k];
                let five = sum(&TETRAHEDRON_5, &TETRAHEDRON_5_WEIGHTS, powers);
                assert!((five - mean(&powers)).abs() < 1e-14, "{powers:?}");
            }
        }
    }
}

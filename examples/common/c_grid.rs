//! The C-grid around a NACA 0012 profile that OP2's airfoil and aero programs are measured on.
//!
//! The square root maps the plane around the profile to a half plane above a small bump; there
//! the grid is made of vertical lines, and squaring bends it back around the profile:
//!
//! ```text
//!   root plane                          plane of the flow
//!    3 +--------------------+             , - - - - - - - -+ far field
//!      |  |  |  |  |  |  |  |          ,                   |
//!      |  |  |  |__|  |  |  |         ,    ___-------======+ wake: the cut,
//!    0 +-----/      \-------+          '  <___ profile ____|  two lines of points
//!     -3    -1  bump  1     3             ' - - - - - - - -+
//! ```
//!
//! Line `a` (counted from 0) goes along the cut and the profile, `b` outward. Coordinates are
//! rounded to 6 decimals as in the published files: the published digits depend on it.
//!
//! Holds where the points are. Which of them are nodes, and the numbering of all tables, differ
//! between the programs and are left to them.

use std::f64::consts::FRAC_PI_2;

/// Points given on the upper side of the profile.
const PROFILE_POINTS: usize = 100;
/// The point inside the nose from which the root is taken, the focus of the parabolas.
const FOCUS: f64 = 0.0077;
/// Half the width, and the height, of the grid in the root plane.
const EXTENT: f64 = 3.0;

/// A C-grid: `3 i` cells along the cut, the profile and the cut again, and `j` outward.
///
/// Point `(a, b)`, `a` from 0 to `3 i` and `b` from 0 to `j`, lies on the cut where `b` is 0 and
/// `a` at most `i` or at least `2 i`: there `(a, 0)` and `(3 i - a, 0)` are at one place.
#[derive(Clone, Copy)]
pub(crate) struct CGrid {
    pub(crate) i: usize,
    pub(crate) j: usize,
}

impl CGrid {
    /// Refuses sizes that leave the profile without points or that `u32` cannot number.
    pub(crate) fn new(i: usize, j: usize) -> Result<Self, String> {
        if i < 2 || j < 1 {
            return Err(format!("size {i},{j} is too small: at least 2,1"));
        }
        let lines = i.checked_mul(3).and_then(|lines| lines.checked_add(1));
        let largest = lines.and_then(|lines| lines.checked_mul(2)?.checked_mul(j + 1));
        match largest {
            // There are fewer than 2 (3i + 1) (j + 1) edges, and they are the largest set.
            Some(num_edges) if u32::try_from(num_edges).is_ok() => Ok(Self { i, j }),
            _ => Err(format!("size {i},{j} is too large: a set may have {} elements", u32::MAX)),
        }
    }

    /// All points, `[3 i + 1, j + 1]` with `a` fastest.
    pub(crate) fn points(self) -> Vec<[f64; 2]> {
        let columns = self.columns();
        let mut points = Vec::with_capacity(columns.len() * (self.j + 1));
        for b in 0..=self.j {
            points.extend(columns.iter().map(|&(x, bottom)| {
                let y = evenly(bottom, EXTENT, self.j, b);
                // The sum makes a zero of the negative zeros below the cut, as published.
                [rounded(x * x - y * y), rounded(2.0 * x * y) + 0.0]
            }));
        }
        points
    }

    /// Where each line outward stands in the root plane, and the height it begins at.
    fn columns(self) -> Vec<(f64, f64)> {
        let (i, bump) = (self.i, bump());
        let column = |a| {
            let x = evenly(-EXTENT, EXTENT, 3 * i, a);
            (x, if a > i && a < 2 * i { bump.at(x) } else { 0.0 })
        };
        (0..=3 * i).map(column).collect()
    }
}

/// Value `k` of `steps + 1` equally spaced ones, measured from the nearer end.
///
/// Both ends come out exactly, and opposite values cancel exactly: that decides the sign of the
/// zeros on the line above the profile's middle.
fn evenly(from: f64, to: f64, steps: usize, k: usize) -> f64 {
    let step = (to - from) / steps as f64;
    if 2 * k <= steps { from + k as f64 * step } else { to - (steps - k) as f64 * step }
}

/// The number that `printf("%.6f")` writes, read back.
fn rounded(value: f64) -> f64 {
    let scaled = value * 1e6;
    let nearest = scaled.round();
    // Far from a tie the quotient is the decimal's own nearest double; near one, only the exact
    // decimal expansion decides as printf does.
    if (scaled - nearest).abs() < 0.4999 && nearest != 0.0 {
        return nearest / 1e6;
    }
    format!("{value:.6}").parse().expect("a formatted number parses")
}

/// The profile in the root plane: both sides, through the nose.
fn bump() -> Spline {
    let upper = (0..PROFILE_POINTS).map(|k| {
        let x = evenly(0.0, FRAC_PI_2, PROFILE_POINTS - 1, k).sin().powi(2);
        let y = if k + 1 == PROFILE_POINTS { 0.0 } else { half_thickness(x) };
        root(x - FOCUS, y)
    });
    let upper: Vec<_> = upper.collect();
    let lower = upper[1..].iter().rev().map(|&(x, y)| (-x, y));
    Spline::not_a_knot(lower.chain(upper.iter().copied()).unzip())
}

/// The NACA 0012 profile, scaled to close at 1.
fn half_thickness(x: f64) -> f64 {
    0.594_689_181
        * (0.298_222_773 * x.sqrt() - 0.127_125_232 * x - 0.357_907_906 * x.powi(2)
            + 0.291_984_971 * x.powi(3)
            - 0.105_174_696 * x.powi(4))
}

/// The square root of `x + i y` with a real part that is not negative, for `y >= 0`.
fn root(x: f64, y: f64) -> (f64, f64) {
    // Each part is computed where it does not cancel; the other follows from 2 re im = y.
    let larger = f64::midpoint(x.hypot(y), x.abs()).sqrt();
    let smaller = if larger == 0.0 { 0.0 } else { y / (2.0 * larger) };
    if x >= 0.0 { (larger, smaller) } else { (smaller, larger) }
}

/// A piecewise cubic with two continuous derivatives.
struct Spline {
    knots: Vec<f64>,
    values: Vec<f64>,
    slopes: Vec<f64>,
}

impl Spline {
    /// The spline whose third derivative is continuous at the second and the last but one knot.
    ///
    /// Continuity of the second derivative gives a tridiagonal system for the slopes; the two
    /// end conditions, eliminated against their neighbors, keep it tridiagonal (de Boor, A
    /// Practical Guide to Splines, chapter IV). Needs at least four knots, in ascending order.
    fn not_a_knot((knots, values): (Vec<f64>, Vec<f64>)) -> Self {
        let last = knots.len() - 1;
        let h: Vec<f64> = knots.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let d: Vec<f64> = (0..last).map(|k| (values[k + 1] - values[k]) / h[k]).collect();

        let mut rows = vec![Row { below: 0.0, on: 0.0, above: 0.0, right: 0.0 }; last + 1];
        for k in 1..last {
            rows[k] = Row {
                below: h[k],
                on: 2.0 * (h[k - 1] + h[k]),
                above: h[k - 1],
                right: 3.0 * (h[k] * d[k - 1] + h[k - 1] * d[k]),
            };
        }
        let end = |near: f64, next: f64, slope_near: f64, slope_next: f64| {
            let both = near + next;
            ((near + 2.0 * both) * next * slope_near + near * near * slope_next) / both
        };
        let right = end(h[0], h[1], d[0], d[1]);
        rows[0] = Row { below: 0.0, on: h[1], above: h[0] + h[1], right };
        let (near, next) = (h[last - 1], h[last - 2]);
        let right = end(near, next, d[last - 1], d[last - 2]);
        rows[last] = Row { below: near + next, on: next, above: 0.0, right };
        Self { knots, values, slopes: solve_tridiagonal(rows) }
    }

    /// The value at `x`; beyond the ends the outermost cubics go on.
    fn at(&self, x: f64) -> f64 {
        let above = self.knots.partition_point(|&knot| knot <= x);
        let k = above.clamp(1, self.knots.len() - 1) - 1;
        let (h, t) = (self.knots[k + 1] - self.knots[k], x - self.knots[k]);
        let slope = (self.values[k + 1] - self.values[k]) / h;
        let near = (slope - self.slopes[k]) / h;
        let far = (self.slopes[k + 1] - slope) / h;
        let (square, cube) = (2.0 * near - far, (far - near) / h);
        self.values[k] + t * (self.slopes[k] + t * (square + t * cube))
    }
}

/// One equation of a tridiagonal system.
#[derive(Clone)]
struct Row {
    below: f64,
    on: f64,
    above: f64,
    right: f64,
}

/// Gaussian elimination without exchanges, which splines do not need.
fn solve_tridiagonal(mut rows: Vec<Row>) -> Vec<f64> {
    for k in 1..rows.len() {
        let factor = rows[k].below / rows[k - 1].on;
        rows[k].on -= factor * rows[k - 1].above;
        rows[k].right -= factor * rows[k - 1].right;
    }
    let mut solution = vec![0.0; rows.len()];
    let mut next = 0.0;
    for (row, value) in rows.iter().zip(&mut solution).rev() {
        next = (row.right - row.above * next) / row.on;
        *value = next;
    }
    solution
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spline_through_a_cubic_is_the_cubic() {
        let cubic = |x: f64| 2.0 - x + 0.5 * x * x - 0.25 * x * x * x;
        let knots = vec![-1.0, -0.7, 0.1, 0.4, 1.3, 2.0];
        let values = knots.iter().copied().map(cubic).collect();
        let spline = Spline::not_a_knot((knots, values));
        for x in [-1.2, -1.0, -0.9, 0.0, 0.1, 0.2, 1.9, 2.0, 2.1] {
            assert!((spline.at(x) - cubic(x)).abs() < 1e-13, "{x}");
        }
    }

    #[test]
    fn the_root_is_the_principal_one() {
        for (x, y) in [(-0.0077, 0.0), (0.3, 0.06), (-0.005, 0.02), (0.9923, 0.0)] {
            let (re, im) = root(x, y);
            assert!(re >= 0.0 && im >= 0.0);
            assert!((re * re - im * im - x).abs() < 1e-15 && (2.0 * re * im - y).abs() < 1e-15);
        }
    }

    #[test]
    fn rounding_is_that_of_printf() {
        let values = [0.0, 0.1, 0.000_000_5, 0.000_001_5, 2.000_000_5, -1e-7, 8.970_025, 1e-9];
        let drift = (0..20_000_u32).map(|k| f64::from(k).sin() * 18.0);
        for value in values.into_iter().chain(drift) {
            let printed: f64 = format!("{value:.6}").parse().unwrap();
            assert_eq!(rounded(value).to_bits(), printed.to_bits(), "{value}");
        }
    }

    #[test]
    fn even_spacing_ends_at_its_ends() {
        let values: Vec<_> = (0..=10).map(|k| evenly(-3.0, 3.0, 10, k)).collect();
        assert_eq!((values[0], values[10]), (-3.0, 3.0));
        assert!(values.is_sorted());
    }
}

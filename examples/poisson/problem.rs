//! The problems: `-laplace u = f` with `u` given on the boundary.
//!
//! | name | f | u on the boundary | u |
//! |---|---|---|---|
//! | `sines` | `d pi^2 u` | `u` | `sin(pi x) sin(pi y) ..` in `d` dimensions |
//! | `lshape` | 0 | `u` | `r^(2/3) sin(2 t / 3)`, angle `t` from the x axis |
//! | `constant=F` | `F` | 0 | not known |
//!
//! The solution `lshape` is made for a domain around the origin that lacks the quadrant `x > 0 > y`:
//! it is 0 on both sides of the corner, and its gradient is infinite in it.

use std::f64::consts::{FRAC_PI_4, PI, TAU};
use std::fmt;

/// A problem, as data that kernels read.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, op2::Element)]
pub(crate) struct Problem {
    /// One of the numbers below.
    kind: u64,
    /// `f`, where it is constant.
    source: f64,
}

const CONSTANT: u64 = 0;
const SINES: u64 = 1;
const LSHAPE: u64 = 2;

impl Problem {
    pub(crate) const SINES: Self = Self { kind: SINES, source: 0.0 };
    pub(crate) const LSHAPE: Self = Self { kind: LSHAPE, source: 0.0 };

    /// The source `f` everywhere, and 0 on the boundary.
    pub(crate) fn constant(f: f64) -> Self {
        Self { kind: CONSTANT, source: f }
    }

    /// The problem of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "sines" => Some(Self::SINES),
            "lshape" => Some(Self::LSHAPE),
            _ => {
                let f = name.strip_prefix("constant=")?.parse().ok()?;
                f64::is_finite(f).then_some(Self::constant(f))
            }
        }
    }

    /// Whether the solution is known.
    pub(crate) fn has_solution(self) -> bool {
        self.kind != CONSTANT
    }

    /// Why the problem cannot be posed on cells of dimension `cell_dim` in space of dimension `dim`.
    pub(crate) fn objection(self, cell_dim: usize, dim: usize) -> Option<&'static str> {
        match self.kind {
            LSHAPE if (cell_dim, dim) != (2, 2) => Some("is made for plane meshes"),
            SINES if cell_dim != dim => Some("does not solve the equation on a surface in space"),
            _ => None,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match self.kind {
            SINES => out.write_str("sines"),
            LSHAPE => out.write_str("lshape"),
            _ => write!(out, "constant={}", self.source),
        }
    }
}

/// The source `f` at a point.
#[op2::function]
pub(crate) fn source<const D: usize>(problem: &Problem, x: &[f64; D]) -> f64 {
    if problem.kind == SINES { D as f64 * PI * PI * sines(x).0 } else { problem.source }
}

/// The solution and its gradient at a point; zeros where it is not known.
#[op2::function]
pub(crate) fn solution<const D: usize>(problem: &Problem, x: &[f64; D]) -> (f64, [f64; D]) {
    if problem.kind == SINES {
        sines(x)
    } else if problem.kind == LSHAPE {
        around_corner(x)
    } else {
        (0.0, [0.0; D])
    }
}

/// The product of `sin(pi x_d)` over the dimensions, and its gradient.
#[op2::function]
fn sines<const D: usize>(x: &[f64; D]) -> (f64, [f64; D]) {
    let mut value = 1.0;
    let mut grad = [PI; D];
    for d in 0..D {
        let (sin, cos) = (PI * x[d]).sin_cos();
        value *= sin;
        for e in 0..D {
            grad[e] *= if e == d { cos } else { sin };
        }
    }
    (value, grad)
}

/// `r^(2/3) sin(2 t / 3)`, the imaginary part of the complex power `z^(2/3)`, and its gradient.
#[op2::function]
fn around_corner<const D: usize>(x: &[f64; D]) -> (f64, [f64; D]) {
    let mut t = x[1].atan2(x[0]);
    // The angle jumps in the middle of the quadrant that is missing.
    if t < -FRAC_PI_4 {
        t += TAU;
    }
    let root = x[0].hypot(x[1]).cbrt();
    let slope = 2.0 / (3.0 * root);
    let mut grad = [0.0; D];
    grad[0] = -slope * (t / 3.0).sin();
    grad[1] = slope * (t / 3.0).cos();
    (root * root * (2.0 * t / 3.0).sin(), grad)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The gradient of the solution agrees with differences, the sum of second ones with the source.
    fn check<const D: usize>(problem: Problem, x: [f64; D]) {
        let (value, grad) = solution(&problem, &x);
        let h = 1e-4;
        let mut laplace = 0.0;
        for d in 0..D {
            let at = |step: f64| {
                let mut x = x;
                x[d] += step;
                solution(&problem, &x).0
            };
            assert!(((at(h) - at(-h)) / (2.0 * h) - grad[d]).abs() < 1e-6, "{problem} at {x:?}");
            laplace += (at(h) - 2.0 * value + at(-h)) / (h * h);
        }
        assert!((laplace + source(&problem, &x)).abs() < 1e-5, "{problem} at {x:?}: {laplace}");
    }

    #[test]
    fn solutions_solve_their_problems() {
        check(Problem::SINES, [0.3, 0.6]);
        check(Problem::SINES, [0.3, 0.6, 0.8]);
        for x in [[0.5, 0.2], [0.1, 0.9], [-0.7, 0.3], [-0.4, -0.6], [-0.1, -0.5]] {
            check(Problem::LSHAPE, x);
        }
    }

    #[test]
    fn around_the_corner_the_sides_are_at_zero() {
        for (side, tiny) in [([0.7, 0.0], 1e-15), ([0.0, -0.7], 1e-15), ([0.7, -1e-17], 1e-15)] {
            assert!(solution(&Problem::LSHAPE, &side).0.abs() < tiny, "{side:?}");
        }
        assert_eq!(solution(&Problem::LSHAPE, &[0.0, 0.0]).0, 0.0);
        let middle = solution(&Problem::LSHAPE, &[-1.0, 1.0]).0;
        assert!((middle - 2.0_f64.cbrt()).abs() < 1e-15, "{middle}");
    }

    #[test]
    fn problems_are_written_as_they_are_read() {
        for name in ["sines", "lshape", "constant=1", "constant=-2.5"] {
            assert_eq!(Problem::named(name).unwrap().to_string(), name);
        }
        for name in ["", "sine", "constant", "constant=", "constant=x", "constant=inf"] {
            assert_eq!(Problem::named(name), None, "{name}");
        }
    }

    #[test]
    fn problems_say_which_meshes_they_are_for() {
        assert_eq!(Problem::SINES.objection(2, 2), None);
        assert_eq!(Problem::SINES.objection(3, 3), None);
        assert_eq!(Problem::constant(1.0).objection(2, 3), None);
        assert!(Problem::SINES.objection(2, 3).is_some());
        assert!(Problem::LSHAPE.objection(3, 3).is_some());
    }
}

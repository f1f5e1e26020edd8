//! Constants that Rust itself names: `f64::EPSILON`, `f64::consts::PI`.

use std::f64::consts;

use super::types::Scalar;

/// Whether `name` is an associated constant of `scalar`, as in `f64::EPSILON`.
pub(crate) fn is_associated_const(scalar: Scalar, name: &str) -> bool {
    let floats = ["EPSILON", "MAX", "MIN", "MIN_POSITIVE", "INFINITY", "NEG_INFINITY", "NAN"];
    let reals = ["ZERO", "ONE", "PI"];
    let integers = ["MAX", "MIN", "BITS"];
    match scalar {
        Scalar::Bool => false,
        scalar if scalar.is_float() => floats.contains(&name) || reals.contains(&name),
        _ => integers.contains(&name),
    }
}

/// The value of `f64::consts::NAME`.
pub(crate) fn math_constant(name: &str) -> Option<f64> {
    MATH.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}

const MATH: [(&str, f64); 19] = [
    ("PI", consts::PI),
    ("TAU", consts::TAU),
    ("E", consts::E),
    ("SQRT_2", consts::SQRT_2),
    ("LN_2", consts::LN_2),
    ("LN_10", consts::LN_10),
    ("LOG2_E", consts::LOG2_E),
    ("LOG2_10", consts::LOG2_10),
    ("LOG10_E", consts::LOG10_E),
    ("LOG10_2", consts::LOG10_2),
    ("FRAC_PI_2", consts::FRAC_PI_2),
    ("FRAC_PI_3", consts::FRAC_PI_3),
    ("FRAC_PI_4", consts::FRAC_PI_4),
    ("FRAC_PI_6", consts::FRAC_PI_6),
    ("FRAC_PI_8", consts::FRAC_PI_8),
    ("FRAC_1_PI", consts::FRAC_1_PI),
    ("FRAC_2_PI", consts::FRAC_2_PI),
    ("FRAC_1_SQRT_2", consts::FRAC_1_SQRT_2),
    ("FRAC_2_SQRT_PI", consts::FRAC_2_SQRT_PI),
];

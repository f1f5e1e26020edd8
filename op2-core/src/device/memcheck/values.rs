//! Values as bytes, of which only the shape is known.

use crate::base::element::{ElementKind, ScalarKind};
use crate::base::poison::parts;

/// Whether a value holds a NaN or an infinity.
pub(super) fn has_non_finite(
    kind: &ElementKind,
    offset: usize,
    byte: &dyn Fn(usize) -> u8,
) -> bool {
    match kind {
        ElementKind::Scalar(ScalarKind::F64) => {
            !f64::from_ne_bytes(std::array::from_fn(|i| byte(offset + i))).is_finite()
        }
        ElementKind::Scalar(ScalarKind::F32) => {
            !f32::from_ne_bytes(std::array::from_fn(|i| byte(offset + i))).is_finite()
        }
        other => parts(other).any(|(kind, at)| has_non_finite(&kind, offset + at, byte)),
    }
}

//! Values as bytes, of which only the shape is known.

use super::POISON;
use crate::base::element::{ElementKind, ScalarKind};

/// Whether a value holds a floating-point number that was never brought here; `byte(i)` are its bytes.
pub(super) fn is_poisoned(kind: &ElementKind, offset: usize, byte: &dyn Fn(usize) -> u8) -> bool {
    let all_set = |bytes: usize| (offset..offset + bytes).all(|i| byte(i) == POISON);
    match kind {
        ElementKind::Scalar(ScalarKind::F64) => all_set(8),
        ElementKind::Scalar(ScalarKind::F32) => all_set(4),
        other => parts(other).any(|(kind, at)| is_poisoned(&kind, offset + at, byte)),
    }
}

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

/// The parts of an array or struct, and where each begins.
fn parts(kind: &ElementKind) -> impl Iterator<Item = (ElementKind, usize)> {
    let (items, fields) = match *kind {
        ElementKind::Scalar(_) => (None, &[][..]),
        ElementKind::Array { of, len } => (Some((*of, len, of.bytes())), &[][..]),
        ElementKind::Struct { fields, .. } => (None, fields),
    };
    let items = items.into_iter().flat_map(|(of, len, size)| (0..len).map(move |i| (of, i * size)));
    items.chain(fields.iter().map(|field| (field.kind, field.offset)))
}

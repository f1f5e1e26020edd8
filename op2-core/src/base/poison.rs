//! Values that must not be looked at: marked where mistakes are looked for.
//!
//! The mark is all bits set in every floating-point number of a value, a NaN that no computation makes. Other
//! numbers have no such value, and truth values must not get one.

use crate::base::element::{ElementKind, ScalarKind};

/// The byte of memory that is not valid.
pub const POISON: u8 = 0xff;

/// Whether a value holds a floating-point number that is marked; `byte(i)` are its bytes.
pub fn is_poisoned(kind: &ElementKind, offset: usize, byte: &dyn Fn(usize) -> u8) -> bool {
    let all_set = |bytes: usize| (offset..offset + bytes).all(|i| byte(i) == POISON);
    match kind {
        ElementKind::Scalar(ScalarKind::F64) => all_set(8),
        ElementKind::Scalar(ScalarKind::F32) => all_set(4),
        other => parts(other).any(|(kind, at)| is_poisoned(&kind, offset + at, byte)),
    }
}

/// Calls `mark` for each byte of a value that is to become [`POISON`].
pub fn poison(kind: &ElementKind, offset: usize, mark: &mut dyn FnMut(usize)) {
    match kind {
        ElementKind::Scalar(ScalarKind::F64) => (offset..offset + 8).for_each(mark),
        ElementKind::Scalar(ScalarKind::F32) => (offset..offset + 4).for_each(mark),
        other => parts(other).for_each(|(kind, at)| poison(&kind, offset + at, mark)),
    }
}

/// The parts of an array or struct, and where each begins.
pub fn parts(kind: &ElementKind) -> impl Iterator<Item = (ElementKind, usize)> {
    let (items, fields) = match *kind {
        ElementKind::Scalar(_) => (None, &[][..]),
        ElementKind::Array { of, len } => (Some((*of, len, of.bytes())), &[][..]),
        ElementKind::Struct { fields, .. } => (None, fields),
    };
    let items = items.into_iter().flat_map(|(of, len, size)| (0..len).map(move |i| (of, i * size)));
    items.chain(fields.iter().map(|field| (field.kind, field.offset)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::element::Field;

    #[test]
    fn floating_point_numbers_are_marked_and_nothing_else() {
        let field = |name, offset, kind| Field { name, offset, kind };
        let pair = ElementKind::Array { of: &ElementKind::Scalar(ScalarKind::F32), len: 2 };
        let fields: &'static [Field] = Box::leak(Box::new([
            field("count", 0, ElementKind::Scalar(ScalarKind::I64)),
            field("pair", 8, pair),
        ]));
        let kind = ElementKind::Struct { name: "Mixed", parameters: &[], fields };
        let mut bytes = [0; 16];
        assert!(!is_poisoned(&kind, 0, &|i| bytes[i]));
        poison(&kind, 0, &mut |i| bytes[i] = POISON);
        assert_eq!((&bytes[..8], &bytes[8..]), (&[0; 8][..], &[POISON; 8][..]));
        assert!(is_poisoned(&kind, 0, &|i| bytes[i]));
        bytes[12..].copy_from_slice(&1.0_f32.to_ne_bytes());
        assert!(is_poisoned(&kind, 0, &|i| bytes[i]), "one number of two is enough");
    }
}

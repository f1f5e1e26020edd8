//! What the numbers in an element allow: whether they may be combined in any order, and whether a device
//! can combine each in one piece.

use crate::base::element::{ElementKind, ScalarKind};
use crate::device::api::Atomics;
use crate::mesh::access::Access;

/// Whether contributions to such a value may be combined in any order with the same result: always
/// for minima and maxima (but for the sign of a zero), and unless floating-point numbers are added.
pub fn exact(kind: &ElementKind, access: Access) -> bool {
    match access {
        Access::Min | Access::Max => true,
        Access::Inc => all_leaves(kind, &|leaf| !is_floating(leaf)),
        Access::Read | Access::Write | Access::Rw => false,
    }
}

/// Whether a device with these abilities can combine each number of such a value in one piece.
pub fn atomic(kind: &ElementKind, atomics: Atomics) -> bool {
    all_leaves(kind, &|leaf| match leaf {
        ScalarKind::F32 | ScalarKind::I32 | ScalarKind::U32 => true,
        ScalarKind::F64 | ScalarKind::I64 | ScalarKind::U64 => atomics.swap_64,
        ScalarKind::U8 | ScalarKind::Bool => false,
    })
}

fn is_floating(leaf: ScalarKind) -> bool {
    matches!(leaf, ScalarKind::F32 | ScalarKind::F64)
}

fn all_leaves(kind: &ElementKind, test: &impl Fn(ScalarKind) -> bool) -> bool {
    match *kind {
        ElementKind::Scalar(leaf) => test(leaf),
        ElementKind::Array { of, .. } => all_leaves(of, test),
        ElementKind::Struct { fields, .. } => {
            fields.iter().all(|field| all_leaves(&field.kind, test))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::element::{Element, Field};

    const MIXED: ElementKind = ElementKind::Struct {
        name: "Mixed",
        parameters: &[],
        fields: &[
            Field { name: "count", offset: 0, kind: <[u32; 2]>::KIND },
            Field { name: "mass", offset: 8, kind: f32::KIND },
        ],
    };

    #[test]
    fn sums_of_floating_point_numbers_depend_on_the_order() {
        for kind in [f64::KIND, <[[f32; 2]; 3]>::KIND, MIXED] {
            assert!(!exact(&kind, Access::Inc), "{kind}");
            assert!(exact(&kind, Access::Min) && exact(&kind, Access::Max), "{kind}");
        }
        for kind in [i32::KIND, <[u64; 4]>::KIND, u8::KIND, bool::KIND] {
            assert!(exact(&kind, Access::Inc), "{kind}");
        }
        assert!(!exact(&i32::KIND, Access::Rw) && !exact(&i32::KIND, Access::Write));
    }

    #[test]
    fn numbers_of_32_bits_change_in_one_piece_and_those_of_64_on_some_devices() {
        let both = |kind| {
            [false, true].map(|swap_64| atomic(&kind, Atomics { swap_64, native_add: true }))
        };
        assert_eq!(both(MIXED), [true, true]);
        assert_eq!(both(<[i64; 2]>::KIND), [false, true]);
        assert_eq!(both(f64::KIND), [false, true]);
        assert_eq!(both(u8::KIND), [false, false]);
        assert_eq!(both(<[bool; 3]>::KIND), [false, false]);
    }
}

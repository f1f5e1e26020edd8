//! Two values become one, as [`Element`](crate::base::element::Element) combines them: leaf by leaf, structs field by
//! field.

use crate::base::element::{ElementKind, ScalarKind};
use crate::kernel::code::{Number, Scalar};
use crate::kernel::source::{Dialect, number};
use crate::mesh::access::Access;

use super::dialect::c_name;
use super::model::Leaf;
use super::out::Out;

/// The text of a leaf that combines two.
pub(super) fn combined(out: &mut Out, access: Access, leaf: &Leaf, a: &str, b: &str) -> String {
    let name = match leaf.kind {
        ElementKind::Scalar(scalar) => combine_numbers(out, access, scalar),
        _ => combine_structs(out, access, leaf),
    };
    format!("{name}({a}, {b})")
}

/// The word of a mode in names.
pub(super) fn word(access: Access) -> &'static str {
    match access {
        Access::Min => "min",
        Access::Max => "max",
        _ => "inc",
    }
}

/// The function that combines two numbers.
pub(super) fn combine_numbers(out: &mut Out, access: Access, scalar: ScalarKind) -> String {
    let c = c_name(scalar);
    let name = format!("loop_{}_{c}", word(access));
    out.helper(&name, |_| {
        let value = numbers(access, scalar);
        format!("OP2_FUNCTION {c} {name}({c} a, {c} b) {{ return {value}; }}\n")
    });
    name
}

fn numbers(access: Access, scalar: ScalarKind) -> &'static str {
    use ScalarKind::{Bool, F32, F64, I32, I64, U8};
    match (access, scalar) {
        (Access::Min, Bool) => "a & b",
        (Access::Max, Bool) => "a | b",
        // NaN is neither smaller nor larger than any number.
        (Access::Min, F32 | F64) => "a != a || b < a ? b : a",
        (Access::Max, F32 | F64) => "a != a || b > a ? b : a",
        (Access::Min, _) => "b < a ? b : a",
        (Access::Max, _) => "b > a ? b : a",
        (_, Bool) => "a | b",
        // They wrap around; that of signed integers is not defined in C.
        (_, I32) => "(i32)((u32)a + (u32)b)",
        (_, I64) => "(i64)((u64)a + (u64)b)",
        (_, U8) => "(u8)(a + b)",
        _ => "a + b",
    }
}

fn combine_structs(out: &mut Out, access: Access, leaf: &Leaf) -> String {
    let c = &leaf.c;
    let name = format!("loop_{}_{c}", word(access));
    out.helper(&name, |out| {
        let text = std::mem::take(&mut out.text);
        out.text.open(format!("OP2_FUNCTION {c} {name}({c} a, {c} b)"));
        out.numbers(&leaf.kind, &mut |out, number| {
            let (function, path) = (combine_numbers(out, access, number.scalar), &number.path);
            out.line(format!("a{path} = {function}(a{path}, b{path});"));
        });
        out.line("return a;");
        out.text.close();
        std::mem::replace(&mut out.text, text).into_string()
    });
    name
}

/// The number that changes nothing.
pub(super) fn identity(access: Access, scalar: ScalarKind, dialect: Dialect) -> String {
    let whole = |least: i128, greatest: i128| {
        Number::Whole(if access == Access::Min { greatest } else { least })
    };
    let value = match (access, scalar) {
        (Access::Min, ScalarKind::F64 | ScalarKind::F32) => Number::Real(f64::INFINITY),
        (Access::Max, ScalarKind::F64 | ScalarKind::F32) => Number::Real(f64::NEG_INFINITY),
        (Access::Min | Access::Max, ScalarKind::I32) => whole(i32::MIN.into(), i32::MAX.into()),
        (Access::Min | Access::Max, ScalarKind::I64) => whole(i64::MIN.into(), i64::MAX.into()),
        (Access::Min | Access::Max, ScalarKind::U32) => whole(0, u32::MAX.into()),
        (Access::Min | Access::Max, ScalarKind::U64) => whole(0, u64::MAX.into()),
        (Access::Min | Access::Max, ScalarKind::U8) => whole(0, u8::MAX.into()),
        (Access::Min | Access::Max, ScalarKind::Bool) => whole(0, 1),
        (_, ScalarKind::F64 | ScalarKind::F32) => Number::Real(0.0),
        _ => Number::Whole(0),
    };
    number(value, Scalar::from(scalar), dialect)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_nothing_is_the_other_end_of_the_type() {
        let of = |access, scalar| identity(access, scalar, Dialect::CudaC);
        assert_eq!(of(Access::Min, ScalarKind::U8), "((u8)255)");
        assert_eq!(of(Access::Max, ScalarKind::I32), "(-2147483647 - 1)");
        assert_eq!(of(Access::Inc, ScalarKind::F32), "0.0f");
        assert_eq!(of(Access::Max, ScalarKind::F32), "__int_as_float(0xff800000)");
    }
}

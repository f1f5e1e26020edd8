//! Numbers in C, exact to the last bit.

use super::Dialect;
use crate::kernel::code::{Number, Scalar};

/// The text of an integer, wrapped into its type.
pub(super) fn whole(value: i128, scalar: Scalar) -> String {
    match scalar {
        Scalar::I32 if value as i32 == i32::MIN => "(-2147483647 - 1)".to_owned(),
        Scalar::I32 => signed(value as i32),
        Scalar::I64 if value as i64 == i64::MIN => "((i64)-9223372036854775807 - 1)".to_owned(),
        Scalar::I64 => format!("((i64){})", value as i64),
        Scalar::U32 => format!("{}u", value as u32),
        Scalar::U64 => format!("((u64){}u)", value as u64),
        Scalar::Usize => format!("((usize){}u)", value as u64),
        Scalar::U8 => format!("((u8){})", value as u8),
        Scalar::Bool => format!("((boolean){})", i32::from(value != 0)),
        Scalar::F64 | Scalar::F32 => format!("(({}){value})", scalar.name()),
    }
}

fn signed(value: i32) -> String {
    if value < 0 { format!("({value})") } else { value.to_string() }
}

/// The text of a floating-point number.
pub(super) fn real(value: f64, scalar: Scalar, dialect: Dialect) -> String {
    if scalar == Scalar::F32 {
        return single(value as f32, dialect);
    }
    match (value.is_finite(), dialect) {
        (true, _) => parenthesized(format!("{value:?}"), value.is_sign_negative()),
        (false, Dialect::OpenClC) => format!("as_double({:#018x}ul)", value.to_bits()),
        (false, Dialect::CudaC) => format!("__longlong_as_double({:#018x}ll)", value.to_bits()),
    }
}

fn single(value: f32, dialect: Dialect) -> String {
    match (value.is_finite(), dialect) {
        (true, _) => parenthesized(format!("{value:?}f"), value.is_sign_negative()),
        (false, Dialect::OpenClC) => format!("as_float({:#010x}u)", value.to_bits()),
        (false, Dialect::CudaC) => format!("__int_as_float({:#010x})", value.to_bits()),
    }
}

fn parenthesized(text: String, negative: bool) -> String {
    if negative { format!("({text})") } else { text }
}

/// The text of a number in the type of a constant.
pub(super) fn number(number: Number, scalar: Scalar, dialect: Dialect) -> String {
    match number {
        Number::Whole(value) => whole(value, scalar),
        Number::Real(value) => real(value, scalar, dialect),
    }
}

/// A literal, read as rustc reads it: rounded once.
pub(super) fn literal(digits: &str, scalar: Scalar, dialect: Dialect) -> Option<String> {
    Some(match scalar {
        Scalar::F32 => single(digits.parse().ok()?, dialect),
        Scalar::F64 => real(digits.parse().ok()?, scalar, dialect),
        _ => whole(digits.parse().ok()?, scalar),
    })
}

/// `f64::EPSILON`, `f64::consts::PI`, `T::ZERO`.
pub(super) fn named(name: &str, scalar: Scalar) -> Option<Number> {
    match scalar {
        Scalar::F64 => float_64(name).map(Number::Real),
        Scalar::F32 => float_32(name).map(|value| Number::Real(f64::from(value))),
        Scalar::Bool => None,
        _ => integer(name, scalar).map(Number::Whole),
    }
}

fn integer(name: &str, scalar: Scalar) -> Option<i128> {
    let bits = scalar.bits();
    Some(match (name, scalar.is_signed()) {
        ("ZERO", _) | ("MIN", false) => 0,
        ("ONE", _) => 1,
        ("BITS", _) => i128::from(bits),
        ("MAX", true) => (1 << (bits - 1)) - 1,
        ("MIN", true) => -(1 << (bits - 1)),
        ("MAX", false) => (1 << bits) - 1,
        _ => return None,
    })
}

macro_rules! floats {
    ($($name:ident $width:ident;)*) => {$(
        fn $name(name: &str) -> Option<$width> {
            use std::$width::consts as c;
            Some(match name {
                "ZERO" => 0.0,
                "ONE" => 1.0,
                "MAX" => $width::MAX,
                "MIN" => $width::MIN,
                "EPSILON" => $width::EPSILON,
                "MIN_POSITIVE" => $width::MIN_POSITIVE,
                "INFINITY" => $width::INFINITY,
                "NEG_INFINITY" => $width::NEG_INFINITY,
                "NAN" => $width::NAN,
                "PI" => c::PI,
                "TAU" => c::TAU,
                "E" => c::E,
                "SQRT_2" => c::SQRT_2,
                "LN_2" => c::LN_2,
                "LN_10" => c::LN_10,
                "LOG2_E" => c::LOG2_E,
                "LOG2_10" => c::LOG2_10,
                "LOG10_E" => c::LOG10_E,
                "LOG10_2" => c::LOG10_2,
                "FRAC_PI_2" => c::FRAC_PI_2,
                "FRAC_PI_3" => c::FRAC_PI_3,
                "FRAC_PI_4" => c::FRAC_PI_4,
                "FRAC_PI_6" => c::FRAC_PI_6,
                "FRAC_PI_8" => c::FRAC_PI_8,
                "FRAC_1_PI" => c::FRAC_1_PI,
                "FRAC_2_PI" => c::FRAC_2_PI,
                "FRAC_1_SQRT_2" => c::FRAC_1_SQRT_2,
                "FRAC_2_SQRT_PI" => c::FRAC_2_SQRT_PI,
                _ => return None,
            })
        }
    )*};
}

floats! { float_64 f64; float_32 f32; }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_integers_are_written_without_overflow() {
        assert_eq!(whole(i128::from(i32::MIN), Scalar::I32), "(-2147483647 - 1)");
        // The operand of the minus in `-2147483648`.
        assert_eq!(whole(1 << 31, Scalar::I32), "(-2147483647 - 1)");
        assert_eq!(whole(-1, Scalar::I32), "(-1)");
        assert_eq!(whole(3, Scalar::Usize), "((usize)3u)");
    }

    #[test]
    fn literals_are_rounded_once() {
        // Through f64, this would round up to 16777218.
        let text = literal("16777217.000000001", Scalar::F32, Dialect::OpenClC);
        assert_eq!(text.as_deref(), Some("16777218.0f"));
        assert_eq!(literal("0.1", Scalar::F64, Dialect::CudaC).as_deref(), Some("0.1"));
    }

    #[test]
    fn numbers_without_digits_are_written_by_their_bits() {
        let bits = real(f64::INFINITY, Scalar::F64, Dialect::OpenClC);
        assert_eq!(bits, "as_double(0x7ff0000000000000ul)");
        let bits = real(f64::NEG_INFINITY, Scalar::F32, Dialect::CudaC);
        assert_eq!(bits, "__int_as_float(0xff800000)");
    }
}

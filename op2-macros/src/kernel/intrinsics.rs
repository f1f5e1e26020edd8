//! The methods of numbers that kernels may call: one table row each.
//!
//! What devices make of them stands in `op2_core::kernel::source`, by the same names.

/// A method of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Intrinsic {
    Sqrt,
    Cbrt,
    Abs,
    Signum,
    Min,
    Max,
    Clamp,
    Powi,
    Powf,
    Pow,
    Exp,
    Exp2,
    ExpM1,
    Ln,
    Ln1p,
    Log10,
    Log2,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Atan2,
    SinCos,
    Sinh,
    Cosh,
    Tanh,
    Asinh,
    Acosh,
    Atanh,
    Floor,
    Ceil,
    Round,
    Trunc,
    Fract,
    MulAdd,
    Hypot,
    Recip,
    RemEuclid,
    DivEuclid,
    Copysign,
    ToDegrees,
    ToRadians,
    IsNan,
    IsFinite,
    IsInfinite,
    WrappingAdd,
    WrappingSub,
    WrappingMul,
    AbsDiff,
    CountOnes,
    FromF64,
    ToF64,
}

/// What is known about an intrinsic.
pub(crate) struct Spec {
    pub(crate) intrinsic: Intrinsic,
    /// The method in Rust.
    pub(crate) name: &'static str,
    /// The arguments after the receiver.
    pub(crate) args: &'static [Arg],
    pub(crate) result: Result,
    pub(crate) work: Work,
}

/// Type of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arg {
    /// That of the receiver.
    Same,
    I32,
    U32,
}

/// Type of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Result {
    /// That of the receiver.
    Same,
    /// Two of the receiver.
    Pair,
    /// The unsigned integer of the receiver's width.
    Unsigned,
    /// The type before `::`, as in `T::from_f64(x)`.
    Target,
    Bool,
    U32,
    F64,
}

/// What a call costs, when the numbers are floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    Free,
    Flops(u64),
    Division,
    Root,
    Transcendental,
}

impl Intrinsic {
    /// The intrinsic of this method name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        TABLE.iter().find(|spec| spec.name == name).map(|spec| spec.intrinsic)
    }

    /// The row of the table.
    pub(crate) fn spec(self) -> &'static Spec {
        // The rows are in the order of the variants; a test holds us to it.
        &TABLE[self as usize]
    }
}

use Arg::{I32, Same, U32};

// One row per line, however long, reads as a table.
#[rustfmt::skip]
const TABLE: [Spec; 54] = [
    row(Intrinsic::Sqrt, "sqrt", &[], Result::Same, Work::Root),
    row(Intrinsic::Cbrt, "cbrt", &[], Result::Same, Work::Transcendental),
    row(Intrinsic::Abs, "abs", &[], Result::Same, Work::Flops(1)),
    row(Intrinsic::Signum, "signum", &[], Result::Same, Work::Flops(1)),
    row(Intrinsic::Min, "min", &[Same], Result::Same, Work::Flops(1)),
    row(Intrinsic::Max, "max", &[Same], Result::Same, Work::Flops(1)),
    row(Intrinsic::Clamp, "clamp", &[Same, Same], Result::Same, Work::Flops(2)),
    row(Intrinsic::Powi, "powi", &[I32], Result::Same, Work::Transcendental),
    row(Intrinsic::Powf, "powf", &[Same], Result::Same, Work::Transcendental),
    row(Intrinsic::Pow, "pow", &[U32], Result::Same, Work::Transcendental),
    row(Intrinsic::Exp, "exp", &[], Result::Same, Work::Transcendental),
    row(Intrinsic::Exp2, "exp2", &[], Result::Same, Work::Transcendental),
    row(Intrinsic::ExpM1, "exp_m1", &[], Result::Same, Work::Transcendental),
    row(Intrinsic::Ln, "ln", &[], Result::Same, Work::Transcendental),
    row(Intrinsic::Ln1p, "ln_1p", &[], Result::Same, Work::Transcendental),
    row(Intrinsic::Log10, "log10", &[], Result::Same, Work::Transcendental),
    row(Intrinsic::Log2, "log2", &[], Result::Same, Work::Transcendental),
    row(Intrinsic::Sin, "sin", &[], Result::Same, Work::Transcendental),
    row(Intrinsic::Cos, "cos", &[], Result::Same, Work::Transcendental),
    row(Intrinsic::Tan, "tan", &[], Result::Same, Work::Transcendental),
    row(Intrinsic::Asin, "asin", &[], Result::Same, Work::Transcendental),
    row(Intrinsic::Acos, "acos", &[], Result::Same, Work::Transcendental),
    row(Intrinsic::Atan, "atan", &[], Result::Same, Work::Transcendental),
    row(Intrinsic::Atan2, "atan2", &[Same], Result::Same, Work::Transcendental),
    row(Intrinsic::SinCos, "sin_cos", &[], Result::Pair, Work::Transcendental),
    row(Intrinsic::Sinh, "sinh", &[], Result::Same, Work::Transcendental),
    row(Intrinsic::Cosh, "cosh", &[], Result::Same, Work::Transcendental),
    row(Intrinsic::Tanh, "tanh", &[], Result::Same, Work::Transcendental),
    row(Intrinsic::Asinh, "asinh", &[], Result::Same, Work::Transcendental),
    row(Intrinsic::Acosh, "acosh", &[], Result::Same, Work::Transcendental),
    row(Intrinsic::Atanh, "atanh", &[], Result::Same, Work::Transcendental),
    row(Intrinsic::Floor, "floor", &[], Result::Same, Work::Flops(1)),
    row(Intrinsic::Ceil, "ceil", &[], Result::Same, Work::Flops(1)),
    row(Intrinsic::Round, "round", &[], Result::Same, Work::Flops(1)),
    row(Intrinsic::Trunc, "trunc", &[], Result::Same, Work::Flops(1)),
    row(Intrinsic::Fract, "fract", &[], Result::Same, Work::Flops(2)),
    row(Intrinsic::MulAdd, "mul_add", &[Same, Same], Result::Same, Work::Flops(2)),
    row(Intrinsic::Hypot, "hypot", &[Same], Result::Same, Work::Root),
    row(Intrinsic::Recip, "recip", &[], Result::Same, Work::Division),
    row(Intrinsic::RemEuclid, "rem_euclid", &[Same], Result::Same, Work::Division),
    row(Intrinsic::DivEuclid, "div_euclid", &[Same], Result::Same, Work::Division),
    row(Intrinsic::Copysign, "copysign", &[Same], Result::Same, Work::Flops(1)),
    row(Intrinsic::ToDegrees, "to_degrees", &[], Result::Same, Work::Flops(1)),
    row(Intrinsic::ToRadians, "to_radians", &[], Result::Same, Work::Flops(1)),
    row(Intrinsic::IsNan, "is_nan", &[], Result::Bool, Work::Flops(1)),
    row(Intrinsic::IsFinite, "is_finite", &[], Result::Bool, Work::Flops(1)),
    row(Intrinsic::IsInfinite, "is_infinite", &[], Result::Bool, Work::Flops(1)),
    row(Intrinsic::WrappingAdd, "wrapping_add", &[Same], Result::Same, Work::Free),
    row(Intrinsic::WrappingSub, "wrapping_sub", &[Same], Result::Same, Work::Free),
    row(Intrinsic::WrappingMul, "wrapping_mul", &[Same], Result::Same, Work::Free),
    row(Intrinsic::AbsDiff, "abs_diff", &[Same], Result::Unsigned, Work::Free),
    row(Intrinsic::CountOnes, "count_ones", &[], Result::U32, Work::Free),
    row(Intrinsic::FromF64, "from_f64", &[], Result::Target, Work::Free),
    row(Intrinsic::ToF64, "to_f64", &[], Result::F64, Work::Free),
];

/// The method that a user probably meant.
pub(crate) fn suggestion(name: &str) -> Option<&'static str> {
    let from_c = FROM_C.iter().find(|(c, _)| *c == name).map(|(_, rust)| *rust);
    from_c.or_else(|| {
        let close = TABLE.iter().find(|spec| distance(spec.name, name) == 1 && name.len() > 2);
        close.map(|spec| spec.name)
    })
}

/// Names from C and other languages.
const FROM_C: [(&str, &str); 12] = [
    ("fabs", "abs"),
    ("fmin", "min"),
    ("fmax", "max"),
    ("fma", "mul_add"),
    ("log", "ln"),
    ("log1p", "ln_1p"),
    ("expm1", "exp_m1"),
    ("pow", "powf"),
    ("sign", "signum"),
    ("rint", "round"),
    ("isnan", "is_nan"),
    ("sincos", "sin_cos"),
];

const fn row(
    intrinsic: Intrinsic,
    name: &'static str,
    args: &'static [Arg],
    result: Result,
    work: Work,
) -> Spec {
    Spec { intrinsic, name, args, result, work }
}

/// Letters to insert, remove or replace to get from one name to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, letter) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_in_the_order_of_the_variants() {
        for spec in &TABLE {
            assert_eq!(spec.intrinsic.spec().name, spec.name);
        }
    }

    #[test]
    fn a_name_from_c_or_with_a_typing_error_is_recognized() {
        assert_eq!(suggestion("fabs"), Some("abs"));
        assert_eq!(suggestion("sqr"), Some("sqrt"));
        assert_eq!(suggestion("push"), None);
    }
}

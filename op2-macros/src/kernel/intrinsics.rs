//! The methods of numbers that kernels may call: one table row each, for every language.
//!
//! A spelling is a template: `{0}` is the receiver and `{1}`, `{2}` the arguments, each used
//! once; `{T}` is the C type of the receiver, `{U}` the unsigned integer of its width, `{R}` the
//! C type of the result, `{t}` the Rust name of the receiver's type. Functions that start with
//! `op2_` are defined by the prelude of the C printer, from their meaning in Rust.

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
    /// Spelling for floats; `None` if only integers have the method.
    pub(crate) float: Option<Spelling>,
    /// Spelling for integers; `None` if only floats have the method.
    pub(crate) integer: Option<Spelling>,
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

/// Templates for the device languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spelling {
    pub(crate) opencl: &'static str,
    pub(crate) cuda: &'static str,
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
    row(Intrinsic::Sqrt, "sqrt", &[], Result::Same, Work::Root, Some(both("sqrt({0})")), None),
    row(Intrinsic::Cbrt, "cbrt", &[], Result::Same, Work::Transcendental, Some(both("cbrt({0})")), None),
    row(Intrinsic::Abs, "abs", &[], Result::Same, Work::Flops(1), Some(both("fabs({0})")), Some(each("(({T})abs({0}))", "op2_abs_{t}({0})"))),
    row(Intrinsic::Signum, "signum", &[], Result::Same, Work::Flops(1), Some(both("op2_signum_{t}({0})")), Some(both("op2_signum_{t}({0})"))),
    row(Intrinsic::Min, "min", &[Same], Result::Same, Work::Flops(1), Some(both("fmin({0}, {1})")), Some(both("min({0}, {1})"))),
    row(Intrinsic::Max, "max", &[Same], Result::Same, Work::Flops(1), Some(both("fmax({0}, {1})")), Some(both("max({0}, {1})"))),
    row(Intrinsic::Clamp, "clamp", &[Same, Same], Result::Same, Work::Flops(2), Some(both("op2_clamp_{t}({0}, {1}, {2})")), Some(both("op2_clamp_{t}({0}, {1}, {2})"))),
    row(Intrinsic::Powi, "powi", &[I32], Result::Same, Work::Transcendental, Some(each("pown({0}, {1})", "pow({0}, ({T})({1}))")), None),
    row(Intrinsic::Powf, "powf", &[Same], Result::Same, Work::Transcendental, Some(both("pow({0}, {1})")), None),
    row(Intrinsic::Pow, "pow", &[U32], Result::Same, Work::Transcendental, None, Some(both("op2_pow_{t}({0}, {1})"))),
    row(Intrinsic::Exp, "exp", &[], Result::Same, Work::Transcendental, Some(both("exp({0})")), None),
    row(Intrinsic::Exp2, "exp2", &[], Result::Same, Work::Transcendental, Some(both("exp2({0})")), None),
    row(Intrinsic::ExpM1, "exp_m1", &[], Result::Same, Work::Transcendental, Some(both("expm1({0})")), None),
    row(Intrinsic::Ln, "ln", &[], Result::Same, Work::Transcendental, Some(both("log({0})")), None),
    row(Intrinsic::Ln1p, "ln_1p", &[], Result::Same, Work::Transcendental, Some(both("log1p({0})")), None),
    row(Intrinsic::Log10, "log10", &[], Result::Same, Work::Transcendental, Some(both("log10({0})")), None),
    row(Intrinsic::Log2, "log2", &[], Result::Same, Work::Transcendental, Some(both("log2({0})")), None),
    row(Intrinsic::Sin, "sin", &[], Result::Same, Work::Transcendental, Some(both("sin({0})")), None),
    row(Intrinsic::Cos, "cos", &[], Result::Same, Work::Transcendental, Some(both("cos({0})")), None),
    row(Intrinsic::Tan, "tan", &[], Result::Same, Work::Transcendental, Some(both("tan({0})")), None),
    row(Intrinsic::Asin, "asin", &[], Result::Same, Work::Transcendental, Some(both("asin({0})")), None),
    row(Intrinsic::Acos, "acos", &[], Result::Same, Work::Transcendental, Some(both("acos({0})")), None),
    row(Intrinsic::Atan, "atan", &[], Result::Same, Work::Transcendental, Some(both("atan({0})")), None),
    row(Intrinsic::Atan2, "atan2", &[Same], Result::Same, Work::Transcendental, Some(both("atan2({0}, {1})")), None),
    row(Intrinsic::SinCos, "sin_cos", &[], Result::Pair, Work::Transcendental, Some(both("op2_sin_cos_{t}({0})")), None),
    row(Intrinsic::Sinh, "sinh", &[], Result::Same, Work::Transcendental, Some(both("sinh({0})")), None),
    row(Intrinsic::Cosh, "cosh", &[], Result::Same, Work::Transcendental, Some(both("cosh({0})")), None),
    row(Intrinsic::Tanh, "tanh", &[], Result::Same, Work::Transcendental, Some(both("tanh({0})")), None),
    row(Intrinsic::Asinh, "asinh", &[], Result::Same, Work::Transcendental, Some(both("asinh({0})")), None),
    row(Intrinsic::Acosh, "acosh", &[], Result::Same, Work::Transcendental, Some(both("acosh({0})")), None),
    row(Intrinsic::Atanh, "atanh", &[], Result::Same, Work::Transcendental, Some(both("atanh({0})")), None),
    row(Intrinsic::Floor, "floor", &[], Result::Same, Work::Flops(1), Some(both("floor({0})")), None),
    row(Intrinsic::Ceil, "ceil", &[], Result::Same, Work::Flops(1), Some(both("ceil({0})")), None),
    row(Intrinsic::Round, "round", &[], Result::Same, Work::Flops(1), Some(both("round({0})")), None),
    row(Intrinsic::Trunc, "trunc", &[], Result::Same, Work::Flops(1), Some(both("trunc({0})")), None),
    row(Intrinsic::Fract, "fract", &[], Result::Same, Work::Flops(2), Some(both("op2_fract_{t}({0})")), None),
    row(Intrinsic::MulAdd, "mul_add", &[Same, Same], Result::Same, Work::Flops(2), Some(both("fma({0}, {1}, {2})")), None),
    row(Intrinsic::Hypot, "hypot", &[Same], Result::Same, Work::Root, Some(both("hypot({0}, {1})")), None),
    row(Intrinsic::Recip, "recip", &[], Result::Same, Work::Division, Some(both("((({T})1) / ({0}))")), None),
    row(Intrinsic::RemEuclid, "rem_euclid", &[Same], Result::Same, Work::Division, Some(both("op2_rem_euclid_{t}({0}, {1})")), Some(both("op2_rem_euclid_{t}({0}, {1})"))),
    row(Intrinsic::DivEuclid, "div_euclid", &[Same], Result::Same, Work::Division, Some(both("op2_div_euclid_{t}({0}, {1})")), None),
    row(Intrinsic::Copysign, "copysign", &[Same], Result::Same, Work::Flops(1), Some(both("copysign({0}, {1})")), None),
    row(Intrinsic::ToDegrees, "to_degrees", &[], Result::Same, Work::Flops(1), Some(both("(({0}) * ({T})57.295779513082320876798154814105)")), None),
    row(Intrinsic::ToRadians, "to_radians", &[], Result::Same, Work::Flops(1), Some(both("(({0}) * ({T})0.017453292519943295769236907684886)")), None),
    row(Intrinsic::IsNan, "is_nan", &[], Result::Bool, Work::Flops(1), Some(both("(isnan({0}) != 0)")), None),
    row(Intrinsic::IsFinite, "is_finite", &[], Result::Bool, Work::Flops(1), Some(both("(isfinite({0}) != 0)")), None),
    row(Intrinsic::IsInfinite, "is_infinite", &[], Result::Bool, Work::Flops(1), Some(both("(isinf({0}) != 0)")), None),
    row(Intrinsic::WrappingAdd, "wrapping_add", &[Same], Result::Same, Work::Free, None, Some(both("(({T})(({U})({0}) + ({U})({1})))"))),
    row(Intrinsic::WrappingSub, "wrapping_sub", &[Same], Result::Same, Work::Free, None, Some(both("(({T})(({U})({0}) - ({U})({1})))"))),
    row(Intrinsic::WrappingMul, "wrapping_mul", &[Same], Result::Same, Work::Free, None, Some(both("(({T})(({U})({0}) * ({U})({1})))"))),
    row(Intrinsic::AbsDiff, "abs_diff", &[Same], Result::Unsigned, Work::Free, None, Some(each("abs_diff({0}, {1})", "op2_abs_diff_{t}({0}, {1})"))),
    row(Intrinsic::CountOnes, "count_ones", &[], Result::U32, Work::Free, None, Some(each("((uint)popcount({0}))", "op2_count_ones_{t}({0})"))),
    row(Intrinsic::FromF64, "from_f64", &[], Result::Target, Work::Free, Some(both("(({R})({0}))")), None),
    row(Intrinsic::ToF64, "to_f64", &[], Result::F64, Work::Free, Some(both("((double)({0}))")), None),
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
    float: Option<Spelling>,
    integer: Option<Spelling>,
) -> Spec {
    Spec { intrinsic, name, args, result, work, float, integer }
}

const fn both(template: &'static str) -> Spelling {
    Spelling { opencl: template, cuda: template }
}

const fn each(opencl: &'static str, cuda: &'static str) -> Spelling {
    Spelling { opencl, cuda }
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
    fn templates_use_every_argument_once() {
        for spec in &TABLE {
            for spelling in [spec.float, spec.integer].into_iter().flatten() {
                for template in [spelling.opencl, spelling.cuda] {
                    for k in 0..=spec.args.len() {
                        let count = template.matches(&format!("{{{k}}}")).count();
                        assert_eq!(count, 1, "argument {k} of {}: {template}", spec.name);
                    }
                    let opened = template.matches('(').count();
                    assert_eq!(opened, template.matches(')').count(), "{template}");
                }
            }
        }
    }

    #[test]
    fn a_name_from_c_or_with_a_typing_error_is_recognized() {
        assert_eq!(suggestion("fabs"), Some("abs"));
        assert_eq!(suggestion("sqr"), Some("sqrt"));
        assert_eq!(suggestion("push"), None);
    }
}

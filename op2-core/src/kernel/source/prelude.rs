//! The operations of Rust that C has not, or defines otherwise, as small functions; and the head of a
//! program.
//!
//! Integers wrap around where they overflow, as in Rust without overflow checks. What panics in Rust has a
//! value here, since a device cannot panic: an integer divided by zero is 0.

use super::Dialect;
use super::number::{named, number, real, whole};
use crate::kernel::code::{Number, Scalar};

/// The head of a program: types, and what the dialects call things.
pub(super) fn head(dialect: Dialect, doubles: bool) -> String {
    let mut out = String::new();
    match dialect {
        Dialect::OpenClC => {
            if doubles {
                out.push_str("#pragma OPENCL EXTENSION cl_khr_fp64 : enable\n");
            }
            // Rust rounds after each operation.
            out.push_str("#pragma OPENCL FP_CONTRACT OFF\n");
            out.push_str("#define OP2_FUNCTION static\n#define OP2_CONSTANT __constant const\n");
            out.push_str("typedef long i64;\ntypedef ulong u64;\n");
        }
        Dialect::CudaC => {
            out.push_str("#define OP2_FUNCTION static __device__\n#define OP2_CONSTANT const\n");
            out.push_str("typedef long long i64;\ntypedef unsigned long long u64;\n");
        }
    }
    if doubles {
        out.push_str("typedef double f64;\n");
    }
    out.push_str(
        "typedef float f32;\ntypedef int i32;\ntypedef unsigned int u32;\n\
         typedef unsigned char u8;\ntypedef u64 usize;\ntypedef u8 boolean;\n",
    );
    out
}

/// A function of the prelude: its name, and its definition after the helpers that it needs.
pub(super) struct Helper {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) needs: Vec<Helper>,
}

/// The function for an operation or a method on numbers of one type; `None` if there is none.
pub(super) fn helper(operation: &str, scalar: Scalar, dialect: Dialect) -> Option<Helper> {
    let scalar = if scalar == Scalar::Usize { Scalar::U64 } else { scalar };
    let math = |name: &str| math(name, scalar, dialect);
    let (params, body, needs): (&str, String, &[&str]) = match (operation, scalar.is_float()) {
        ("powi", true) => ("$T x, i32 n", POWI.to_owned(), &[]),
        ("is_finite" | "is_infinite", true) => {
            let (operator, bound) =
                if operation == "is_finite" { ("<=", "MAX") } else { ("==", "INFINITY") };
            let bound = number(named(bound, scalar)?, scalar, dialect);
            ("$T a", format!("return {}(a) {operator} {bound};", math("fabs")), &[])
        }
        ("to_degrees", true) => {
            ("$T a", format!("return a * {};", angle(180.0, scalar, dialect)), &[])
        }
        ("to_radians", true) => {
            ("$T a", format!("return a * {};", angle(0.0, scalar, dialect)), &[])
        }
        (_, true) => {
            let (params, body) = float(operation)?;
            (params, calls(body, &math), &[])
        }
        (_, false) => {
            let (params, body, needs) = integer(operation, scalar, dialect)?;
            (params, body.to_owned(), needs)
        }
    };
    let ret = match operation {
        "is_nan" | "is_finite" | "is_infinite" => "boolean",
        "abs_diff" => "$U",
        "count_ones" => "u32",
        _ => "$T",
    };
    let text = format!("OP2_FUNCTION {ret} op2_{operation}_$T({params}) {{ {body} }}\n");
    let needs = needs.iter().map(|need| helper(need, scalar, dialect)).collect::<Option<_>>()?;
    Some(Helper {
        name: format!("op2_{operation}_{}", scalar.name()),
        text: filled(&text, scalar),
        needs,
    })
}

fn filled(text: &str, scalar: Scalar) -> String {
    let mask = (scalar.bits() - 1).to_string();
    text.replace("$T", scalar.name()).replace("$U", scalar.unsigned().name()).replace("$M", &mask)
}

/// The name of a function of the mathematical library.
fn math(name: &str, scalar: Scalar, dialect: Dialect) -> String {
    match (scalar, dialect) {
        (Scalar::F32, Dialect::CudaC) => format!("{name}f"),
        _ => name.to_owned(),
    }
}

/// Replaces `@sqrt` by what the dialect calls it.
fn calls(body: &str, math: &dyn Fn(&str) -> String) -> String {
    let mut parts = body.split('@');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find('(').unwrap_or(part.len());
        out.push_str(&math(&part[..end]));
        out.push_str(&part[end..]);
    }
    out
}

/// 180 / pi, or its inverse, as the standard library has them.
fn angle(turn: f64, scalar: Scalar, dialect: Dialect) -> String {
    let degrees = turn != 0.0;
    let value = match (scalar, degrees) {
        (Scalar::F32, true) => f64::from(1.0_f32.to_degrees()),
        (Scalar::F32, false) => f64::from(1.0_f32.to_radians()),
        (_, true) => 1.0_f64.to_degrees(),
        (_, false) => 1.0_f64.to_radians(),
    };
    real(value, scalar, dialect)
}

/// Squares and multiplies in the order of Rust's.
const POWI: &str = "u32 k = n < 0 ? 0u - (u32)n : (u32)n; $T r = 1; \
                    while (1) { if (k & 1u) r = r * x; k >>= 1; if (k == 0u) break; x = x * x; } \
                    return n < 0 ? ($T)1 / r : r;";

/// Methods of floating-point numbers.
#[rustfmt::skip]
fn float(operation: &str) -> Option<(&'static str, &'static str)> {
    const A: &str = "$T a";
    const AB: &str = "$T a, $T b";
    Some(match operation {
        "rem" => (AB, "return @fmod(a, b);"),
        "sqrt" => (A, "return @sqrt(a);"),
        "cbrt" => (A, "return @cbrt(a);"),
        "abs" => (A, "return @fabs(a);"),
        "signum" => (A, "return a != a ? a : @copysign(($T)1, a);"),
        "min" => (AB, "return a != a || b < a ? b : a;"),
        "max" => (AB, "return a != a || b > a ? b : a;"),
        "clamp" => ("$T a, $T lo, $T hi", "if (a < lo) a = lo; if (a > hi) a = hi; return a;"),
        "powf" => (AB, "return @pow(a, b);"),
        "exp" => (A, "return @exp(a);"),
        "exp2" => (A, "return @exp2(a);"),
        "exp_m1" => (A, "return @expm1(a);"),
        "ln" => (A, "return @log(a);"),
        "ln_1p" => (A, "return @log1p(a);"),
        "log10" => (A, "return @log10(a);"),
        "log2" => (A, "return @log2(a);"),
        "sin" => (A, "return @sin(a);"),
        "cos" => (A, "return @cos(a);"),
        "tan" => (A, "return @tan(a);"),
        "asin" => (A, "return @asin(a);"),
        "acos" => (A, "return @acos(a);"),
        "atan" => (A, "return @atan(a);"),
        "atan2" => (AB, "return @atan2(a, b);"),
        "sinh" => (A, "return @sinh(a);"),
        "cosh" => (A, "return @cosh(a);"),
        "tanh" => (A, "return @tanh(a);"),
        "asinh" => (A, "return @asinh(a);"),
        "acosh" => (A, "return @acosh(a);"),
        "atanh" => (A, "return @atanh(a);"),
        "floor" => (A, "return @floor(a);"),
        "ceil" => (A, "return @ceil(a);"),
        "round" => (A, "return @round(a);"),
        "trunc" => (A, "return @trunc(a);"),
        "fract" => (A, "return a - @trunc(a);"),
        "mul_add" => ("$T a, $T b, $T c", "return @fma(a, b, c);"),
        "hypot" => (AB, "return @hypot(a, b);"),
        "recip" => (A, "return ($T)1 / a;"),
        "rem_euclid" => (AB, "$T r = @fmod(a, b); return r < 0 ? r + @fabs(b) : r;"),
        "div_euclid" => (AB, "$T q = @trunc(a / b); if (@fmod(a, b) < 0) return b > 0 ? q - 1 : q + 1; return q;"),
        "copysign" => (AB, "return @copysign(a, b);"),
        "is_nan" => (A, "return a != a;"),
        _ => return None,
    })
}

type Whole = (&'static str, &'static str, &'static [&'static str]);

/// Operations and methods of integers.
#[rustfmt::skip]
fn integer(operation: &str, scalar: Scalar, dialect: Dialect) -> Option<Whole> {
    const A: &str = "$T a";
    const AB: &str = "$T a, $T b";
    const SHIFT: &str = "$T a, u32 n";
    let signed = scalar.is_signed();
    Some(match (operation, signed) {
        ("add" | "wrapping_add", _) => (AB, "return ($T)(($U)a + ($U)b);", &[]),
        ("sub" | "wrapping_sub", _) => (AB, "return ($T)(($U)a - ($U)b);", &[]),
        ("mul" | "wrapping_mul", _) => (AB, "return ($T)(($U)a * ($U)b);", &[]),
        ("neg", _) => (A, "return ($T)(($U)0 - ($U)a);", &[]),
        ("div", true) => (AB, "return b == 0 ? 0 : b == -1 ? op2_neg_$T(a) : a / b;", &["neg"]),
        ("div", false) => (AB, "return b == 0 ? 0 : a / b;", &[]),
        ("rem", true) => (AB, "return b == 0 || b == -1 ? 0 : a % b;", &[]),
        ("rem", false) => (AB, "return b == 0 ? 0 : a % b;", &[]),
        ("shl", _) => (SHIFT, "return ($T)(($U)a << (n & $Mu));", &[]),
        ("shr", _) => (SHIFT, "return ($T)(a >> (n & $Mu));", &[]),
        ("min", _) => (AB, "return b < a ? b : a;", &[]),
        ("max", _) => (AB, "return b > a ? b : a;", &[]),
        ("clamp", _) => ("$T a, $T lo, $T hi", "return a < lo ? lo : a > hi ? hi : a;", &[]),
        ("abs", true) => (A, "return a < 0 ? op2_neg_$T(a) : a;", &["neg"]),
        ("abs", false) => (A, "return a;", &[]),
        ("signum", _) => (A, "return ($T)((a > 0) - (a < 0));", &[]),
        ("rem_euclid", true) => (AB, "$T r = op2_rem_$T(a, b); return r < 0 ? op2_add_$T(r, op2_abs_$T(b)) : r;", &["rem", "add", "abs"]),
        ("rem_euclid", false) => (AB, "return op2_rem_$T(a, b);", &["rem"]),
        ("pow", _) => (SHIFT, "$U b = ($U)a, r = 1; while (n != 0u) { if (n & 1u) r = ($U)(r * b); n >>= 1; b = ($U)(b * b); } return ($T)r;", &[]),
        ("abs_diff", _) => (AB, "return a < b ? ($U)(($U)b - ($U)a) : ($U)(($U)a - ($U)b);", &[]),
        ("count_ones", _) => match dialect {
            Dialect::OpenClC => (A, "return (u32)popcount(($U)a);", &[]),
            Dialect::CudaC => (A, "return (u32)__popcll((u64)($U)a);", &[]),
        },
        _ => return None,
    })
}

/// The function that casts a floating-point number to an integer as `as` does: rounded towards zero,
/// kept within the type, 0 for NaN.
pub(super) fn saturating(from: Scalar, to: Scalar, dialect: Dialect) -> Helper {
    let bound = |value: f64| real(value, from, dialect);
    let least = if to.is_signed() { -(2.0_f64.powi(to.bits() as i32 - 1)) } else { 0.0 };
    let beyond = 2.0_f64.powi(to.bits() as i32 - i32::from(to.is_signed()));
    let extreme = |name: &str| match named(name, to) {
        Some(Number::Whole(value)) => whole(value, to),
        _ => String::new(),
    };
    let name = format!("op2_cast_{}_{}", from.name(), to.name());
    let text = format!(
        "OP2_FUNCTION {to} {name}({from} a) {{ return a != a ? ({to})0 : a <= {least} ? {min} : a >= {beyond} ? {max} : ({to})a; }}\n",
        to = to.name(),
        from = from.name(),
        least = bound(least),
        min = extreme("MIN"),
        beyond = bound(beyond),
        max = extreme("MAX"),
    );
    Helper { name, text, needs: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn helpers_come_with_what_they_need() {
        let found = helper("rem_euclid", Scalar::I32, Dialect::OpenClC).expect("a helper");
        let needs: Vec<&str> = found.needs.iter().map(|need| need.name.as_str()).collect();
        assert_eq!(needs, ["op2_rem_i32", "op2_add_i32", "op2_abs_i32"]);
        assert!(found.text.contains("op2_abs_i32(b)"), "{}", found.text);
    }

    #[test]
    fn functions_of_single_precision_have_names_of_their_own_in_cuda() {
        let text = |dialect| helper("rem_euclid", Scalar::F32, dialect).expect("a helper").text;
        assert!(text(Dialect::CudaC).contains("fmodf(a, b)"));
        assert!(text(Dialect::OpenClC).contains("fmod(a, b)"));
    }

    #[test]
    fn a_cast_is_kept_within_the_type() {
        let text = saturating(Scalar::F64, Scalar::U8, Dialect::OpenClC).text;
        assert!(text.contains("a >= 256.0 ? ((u8)255) : (u8)a"), "{text}");
    }
}

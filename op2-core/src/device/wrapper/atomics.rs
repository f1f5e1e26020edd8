//! Changes of a number in memory that the device makes in one piece.
//!
//! What it cannot do by itself is made of comparing and swapping: the new value is stored where the old one is
//! still there, or else all is tried again. Numbers of one byte are never changed so (`order::leaves`).

use crate::base::element::ScalarKind;
use crate::device::api::Atomics;
use crate::kernel::source::Dialect;
use crate::mesh::access::Access;

use super::combine::{combine_numbers, word};
use super::dialect::c_name;
use super::model::{Leaf, Model};
use super::out::Out;

/// Writes the change of the leaf at an address by a value.
pub(super) fn change(
    model: &Model<'_>,
    out: &mut Out,
    access: Access,
    leaf: &Leaf,
    place: &str,
    value: &str,
) {
    out.numbers(&leaf.kind, &mut |out, number| {
        let function = function(model, out, access, number.scalar);
        let path = &number.path;
        out.line(format!("{function}(&{place}{path}, {value}{path});"));
    });
}

fn function(model: &Model<'_>, out: &mut Out, access: Access, scalar: ScalarKind) -> String {
    let c = c_name(scalar);
    let name = format!("loop_atomic_{}_{c}", word(access));
    let dialect = model.facts.dialect;
    out.helper(&name, |out| {
        let body = match native(dialect, access, scalar, model.facts.atomics) {
            Some(call) => format!("    {call};\n"),
            None => swapped(out, dialect, access, scalar),
        };
        let at = pointer(dialect, c);
        format!(
            "{}OP2_FUNCTION void {name}({at}at, {c} value) {{\n{body}}}\n",
            extension(dialect, scalar)
        )
    });
    name
}

fn extension(dialect: Dialect, scalar: ScalarKind) -> &'static str {
    if dialect == Dialect::OpenClC && scalar.bytes() == 8 {
        "#pragma OPENCL EXTENSION cl_khr_int64_base_atomics : enable\n"
    } else {
        ""
    }
}

fn pointer(dialect: Dialect, c: &str) -> String {
    match dialect {
        Dialect::OpenClC => format!("volatile __global {c} *"),
        Dialect::CudaC => format!("{c} *"),
    }
}

/// The device's own operation.
fn native(
    dialect: Dialect,
    access: Access,
    scalar: ScalarKind,
    atomics: Atomics,
) -> Option<String> {
    use ScalarKind::{F32, F64, I32, I64, U32, U64};
    let operation = match access {
        Access::Min => "min",
        Access::Max => "max",
        _ => "add",
    };
    Some(match (dialect, scalar) {
        (Dialect::OpenClC, I32 | U32) => format!("atomic_{operation}(at, value)"),
        // Those for minima and maxima are in an extension that few have.
        (Dialect::OpenClC, I64 | U64) if operation == "add" => "atom_add(at, value)".to_owned(),
        (Dialect::CudaC, I64) if operation == "add" => {
            "atomicAdd((u64 *)at, (u64)value)".to_owned()
        }
        (Dialect::CudaC, I32 | U32 | I64 | U64) => {
            let operation = ["Add", "Min", "Max"]
                [usize::from(operation == "min") + 2 * usize::from(operation == "max")];
            format!("atomic{operation}(at, value)")
        }
        (Dialect::CudaC, F32 | F64) if operation == "add" && atomics.native_add => {
            "atomicAdd(at, value)".to_owned()
        }
        _ => return None,
    })
}

/// Compares and swaps the bits of a number.
fn swapped(out: &mut Out, dialect: Dialect, access: Access, scalar: ScalarKind) -> String {
    let combine = combine_numbers(out, access, scalar);
    let word = if scalar.bytes() == 8 { "u64" } else { "u32" };
    let (to_bits, from_bits) = bits(dialect, scalar);
    let swap = swap(dialect, word);
    format!(
        "    {pointer}word = ({pointer})at;
    {word} old = *word, seen, next;
    do {{
        seen = old;
        next = {to_bits}({combine}({from_bits}(seen), value));
        if (next == seen) return;
        old = {swap}(word, seen, next);
    }} while (old != seen);
",
        pointer = pointer(dialect, word),
    )
}

fn swap(dialect: Dialect, word: &str) -> &'static str {
    match (dialect, word) {
        (Dialect::OpenClC, "u64") => "atom_cmpxchg",
        (Dialect::OpenClC, _) => "atomic_cmpxchg",
        (Dialect::CudaC, _) => "atomicCAS",
    }
}

/// What makes a word of a number, and a number of a word.
fn bits(dialect: Dialect, scalar: ScalarKind) -> (&'static str, &'static str) {
    match (dialect, scalar) {
        (Dialect::OpenClC, ScalarKind::F64) => ("as_ulong", "as_double"),
        (Dialect::OpenClC, ScalarKind::F32) => ("as_uint", "as_float"),
        (Dialect::CudaC, ScalarKind::F64) => ("(u64)__double_as_longlong", "__longlong_as_double"),
        (Dialect::CudaC, ScalarKind::F32) => ("__float_as_uint", "__uint_as_float"),
        (_, ScalarKind::I64) => ("(u64)", "(i64)"),
        (_, ScalarKind::I32) => ("(u32)", "(i32)"),
        _ => ("", ""),
    }
}

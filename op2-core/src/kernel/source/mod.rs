//! A kernel as C: exact text for one instance, in the dialect of a device.
//!
//! [`write()`] gives, for each kernel, a function that takes one private pointer per parameter, in order, and the constants
//! where there are any. How rows get there, and back, is the business of whoever calls it. The C means
//! what the Rust means: the order of evaluation is that of Rust, integers wrap around, casts saturate,
//! and nothing is contracted. What panics in Rust is defined here, but of no use: an
//! integer divided by zero is 0. Only an index beyond an array is as bad as in any C. Compilers of devices
//! complain of the user's file and line, which `#line` directives name; what follows the program is in a file `op2`.
//!
//! `read` makes a `tree` of a function's text, `infer` finds the types of an instance, `program` collects
//! functions, types and helpers, `body` and what it names write bodies; `prelude` has what C lacks, `number`
//! the numbers.

mod body;
mod branch;
mod call;
mod constant;
mod expr;
mod infer;
mod infer_call;
mod loops;
mod number;
mod operator;
mod place;
mod prelude;
mod program;
mod read;
mod scope;
mod stmt;
mod tree;
mod types;
mod unify;

use std::fmt;

use super::KernelInfo;
use super::code::{Number, Scalar};

/// A language of the C family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// OpenCL C 1.2; kernels with `f64` need `cl_khr_fp64`.
    OpenClC,
    /// CUDA C, as NVRTC reads it.
    CudaC,
}

impl Dialect {
    /// The options with which a compiler rounds each operation as Rust does.
    pub fn exact_options(self) -> &'static [&'static str] {
        match self {
            Self::OpenClC => &["-cl-std=CL1.2", "-cl-fp32-correctly-rounded-divide-sqrt"],
            Self::CudaC => &["--fmad=false", "--prec-div=true", "--prec-sqrt=true", "--ftz=false"],
        }
    }
}

/// Kernels in C.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Types, helpers, the functions that are called, and one function per kernel.
    pub text: String,
    /// The functions of the kernels, in order.
    pub entries: Vec<Entry>,
    /// Whether the text computes with `f64`.
    pub doubles: bool,
}

/// The function of a kernel: it returns nothing and takes a `T *` or `const T *` for each parameter, in
/// private memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// What C calls the `T` of each parameter.
    pub params: Vec<String>,
    /// What C calls the leaves of each parameter: numbers, or whole structs.
    pub leaves: Vec<String>,
    /// The function takes one more, `OP2_CONSTANT u8 *`: what
    /// [`store_constants`](super::Kernel::store_constants) has filled, aligned to 16 bytes.
    pub constants: bool,
}

/// Why a kernel cannot be written for devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The kernel or function.
    pub function: String,
    /// Where it is written.
    pub file: String,
    /// The line of the statement.
    pub line: u32,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { function, file, line, reason } = self;
        write!(f, "`{function}` cannot run on devices: {reason} ({file}:{line})")
    }
}

impl std::error::Error for Refusal {}

/// A number in C, exact to the last bit.
pub(crate) fn number(value: Number, scalar: Scalar, dialect: Dialect) -> String {
    number::number(value, scalar, dialect)
}

/// The head of a program: types, and what the dialects call things; `doubles` where it computes with `f64`.
pub(crate) fn head(dialect: Dialect, doubles: bool) -> String {
    prelude::head(dialect, doubles)
}

/// A field of a user's struct in C.
pub(crate) fn member(field: &str) -> String {
    types::member(field)
}

/// A Rust name with the letters that C allows.
pub(crate) fn word(name: &str) -> String {
    types::word(name)
}

/// Writes kernels, as one program in which they share what they need.
///
/// # Errors
/// One is a host kernel, or uses what the kernel language does not have and rustc did not refuse.
pub fn write(kernels: &[&KernelInfo], dialect: Dialect) -> Result<Program, Refusal> {
    program::write(kernels, dialect)
}

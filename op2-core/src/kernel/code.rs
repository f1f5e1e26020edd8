//! The body of a kernel or function, as data: what the macro read, in a form that any language can be
//! written from.
//!
//! The body is text: one literal costs the compiler next to nothing, where the same tree as a constant
//! made programs with many kernels a seventh slower to compile. What only rustc knows, the
//! shapes of named types and the values of constants, stands beside it in tables that the text
//! points into. The data is the same for all instances of a generic function; of a kernel's instance, rustc
//! adds an [`Instance`].
//!
//! [`source`](super::source) reads it; `op2-macros` writes it, and [`Function::text`] says how.

use crate::base::element::{Element, ElementKind, ScalarKind};
use crate::mesh::constant::Const;

/// A kernel, or a function that kernels call.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// The module it is written in.
    pub module: &'static str,
    /// The file it is written in.
    pub file: &'static str,
    /// The line it starts at.
    pub line: u32,
    /// All the rest: words with a space between them, in Polish notation. `#` is a number, `?` is
    /// `none` or what it stands before, `*` is a number and as many of what it stands before.
    ///
    /// ```text
    /// function  *generic #params *local type block
    /// generic   name, and `type` | the scalar type of a const parameter
    /// local     name type
    /// type      `f64`.. | `[ type length` | `( *type` | `& type` | `&mut type` | `named` #types | `param` #generic
    ///           | `shape` #shapes | `same` #anything equal for equal types | `_` to be found
    ///           | `struct` name *argument
    /// length    `is` # | `known` #lengths | `param` #generic | `_`
    /// argument  `type` type | `value` #values | `param` #generic | `_`
    /// block     *stmt ?expr; constants first, each after those that it names
    /// stmt      #line, counted from the head of the function, and one of
    ///           `let` pattern type ?expr | `const` #local expr | `=` place value | `op=` op place value | `if` if
    ///           | `match` match | `for` ?label ?#local from to `..`|`..=` `up`|`down` block
    ///           | `while` ?label expr block | `loop` ?label block | `{` block | `break` ?label
    ///           | `continue` ?label | `return` ?expr | `do` expr
    /// pattern   #local | `_` | `( *pattern`
    /// if        expr block ?block
    /// match     expr *arm
    /// arm       *case block; no case at all stands for `_`
    /// case      `is` literal | `to` literal literal
    /// expr      `int` digits type | `real` digits type | `true` | `false` | `x` #local | `constant` #constants
    ///           | `generic` # | `item` name type | `neg` expr | `not` expr | op expr expr | `deref` expr
    ///           | `ref` expr | `mut` expr | `as` expr type | `at` expr index | `.` name expr | `[ *expr`
    ///           | `fill` expr length | `( *expr` | `struct` name *name *expr | `call` #calls *argument *expr
    ///           | `method` name ?type *expr | `len` expr | `if` if | `match` match | `{` block
    /// op        the operators of Rust
    /// ```
    pub text: &'static str,
    /// Named types that the text mentions.
    pub types: &'static [Type],
    /// Lengths that are constants.
    pub lengths: &'static [usize],
    /// Values of const arguments.
    pub values: &'static [i128],
    /// The constants that it names.
    pub constants: &'static [Constant],
    /// The functions that it calls.
    pub calls: &'static [&'static Function],
    /// Where the constants, then those of each called function, lie in its buffer; last, its end.
    pub places: &'static [usize],
}

/// What the compiler has chosen for one use of a kernel.
#[derive(Clone, Copy, Debug)]
pub struct Instance {
    /// The kernel, as written.
    pub function: &'static Function,
    /// Its generic parameters.
    pub arguments: &'static [Argument],
    /// Named types that mention them.
    pub shapes: &'static [Type],
}

/// What a type or const parameter stands for.
#[derive(Clone, Copy, Debug)]
pub enum Argument {
    /// A type.
    Type(Type),
    /// A number.
    Value(i128),
}

/// A type that the compiler has worked out.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// A number or a truth value.
    Scalar(Scalar),
    /// An array.
    Array(&'static Type, usize),
    /// A tuple.
    Tuple(&'static [Type]),
    /// What a dat may hold.
    Kind(ElementKind),
    /// A type that Rust has and devices have not.
    Foreign,
}

/// The numbers that kernels compute with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Scalar {
    F64,
    F32,
    I32,
    I64,
    U32,
    U64,
    U8,
    Usize,
    Bool,
}

/// A constant that a body names.
#[derive(Debug)]
pub struct Constant {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub read: fn() -> ConstantValue,
}

/// What a constant is.
#[derive(Clone, Debug)]
pub struct ConstantValue {
    /// Its type.
    pub ty: Type,
    /// The numbers of a Rust `const`, arrays unrolled; `None` for what travels in the buffer.
    pub numbers: Option<Vec<Number>>,
}

/// A number that the compiler knows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// An integer or a truth value.
    Whole(i128),
    /// A floating-point number.
    Real(f64),
}

/// A type that a variable of a kernel may have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be used in a kernel",
    label = "not a type of the kernel language",
    note = "use numbers, truth values, arrays and tuples of these, and structs with `#[derive(op2::Element)]`"
)]
pub trait Shape {
    /// The type, as data.
    const SHAPE: Type;
}

#[diagnostic::do_not_recommend]
impl<T: Element> Shape for T {
    const SHAPE: Type = Type::Kind(T::KIND);
}

#[diagnostic::do_not_recommend]
impl Shape for usize {
    const SHAPE: Type = Type::Scalar(Scalar::Usize);
}

macro_rules! tuples {
    ($(($($part:ident)*))*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($part: Shape),*> Shape for ($($part,)*) {
            const SHAPE: Type = Type::Tuple(&[$($part::SHAPE),*]);
        }
    )*};
}

tuples! { () (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) }

/// What a kernel may name in capitals, as the languages of devices see it.
///
/// All that is a [`Constant`](crate::mesh::constant::Constant), but arrays of numbers only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be used as a constant in a kernel",
    label = "neither an op2 constant nor a Rust `const` of a number or array type",
    note = "declare it with `op2::constants!` or as a `const` of a number, a truth value or an array of these"
)]
pub trait Known {
    /// The type that the kernel sees.
    const SHAPE: Type;

    /// Adds the numbers of a Rust `const`; false for what travels in the buffer.
    fn numbers(&self, out: &mut Vec<Number>) -> bool;
}

impl<T: Element> Known for Const<T> {
    const SHAPE: Type = Type::Kind(T::KIND);

    fn numbers(&self, _: &mut Vec<Number>) -> bool {
        false
    }
}

impl<T: Known, const N: usize> Known for [T; N] {
    const SHAPE: Type = Type::Array(&T::SHAPE, N);

    fn numbers(&self, out: &mut Vec<Number>) -> bool {
        self.iter().all(|item| item.numbers(out))
    }
}

macro_rules! known {
    ($($ty:ident $shape:expr, $number:ident;)*) => {$(
        impl Known for $ty {
            const SHAPE: Type = $shape;

            fn numbers(&self, out: &mut Vec<Number>) -> bool {
                #[allow(clippy::cast_lossless)]
                out.push(Number::$number(*self as _));
                true
            }
        }
    )*};
}

known! {
    f64 Type::Scalar(Scalar::F64), Real;
    f32 Type::Scalar(Scalar::F32), Real;
    i32 Type::Scalar(Scalar::I32), Whole;
    i64 Type::Scalar(Scalar::I64), Whole;
    u32 Type::Scalar(Scalar::U32), Whole;
    u64 Type::Scalar(Scalar::U64), Whole;
    u8 Type::Scalar(Scalar::U8), Whole;
    usize Type::Scalar(Scalar::Usize), Whole;
    bool Type::Scalar(Scalar::Bool), Whole;
    // Rust knows constants of these types, devices do not.
    i8 Type::Foreign, Whole;
    i16 Type::Foreign, Whole;
    u16 Type::Foreign, Whole;
    isize Type::Foreign, Whole;
}

/// What the constant is.
pub fn constant<C: Known>(constant: &C) -> ConstantValue {
    let mut numbers = Vec::new();
    let known = constant.numbers(&mut numbers);
    ConstantValue { ty: C::SHAPE, numbers: known.then_some(numbers) }
}

impl From<ScalarKind> for Scalar {
    fn from(kind: ScalarKind) -> Self {
        match kind {
            ScalarKind::F64 => Self::F64,
            ScalarKind::F32 => Self::F32,
            ScalarKind::I32 => Self::I32,
            ScalarKind::I64 => Self::I64,
            ScalarKind::U32 => Self::U32,
            ScalarKind::U64 => Self::U64,
            ScalarKind::U8 => Self::U8,
            ScalarKind::Bool => Self::Bool,
        }
    }
}

impl Scalar {
    /// The type of this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        use Scalar::{Bool, F32, F64, I32, I64, U8, U32, U64, Usize};
        let all = [F64, F32, I32, I64, U32, U64, U8, Usize, Bool];
        all.into_iter().find(|scalar| scalar.name() == name)
    }

    /// Whether this is a floating-point type.
    pub fn is_float(self) -> bool {
        matches!(self, Self::F64 | Self::F32)
    }

    /// Whether this is a signed integer type.
    pub fn is_signed(self) -> bool {
        matches!(self, Self::I32 | Self::I64)
    }

    /// The unsigned integer of the same width.
    #[must_use]
    pub fn unsigned(self) -> Self {
        match self {
            Self::I32 => Self::U32,
            Self::I64 => Self::U64,
            other => other,
        }
    }

    /// Bits of an integer.
    pub fn bits(self) -> u32 {
        match self {
            Self::F64 | Self::I64 | Self::U64 | Self::Usize => 64,
            Self::F32 | Self::I32 | Self::U32 => 32,
            Self::U8 | Self::Bool => 8,
        }
    }

    /// The name, in Rust and in the C that is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::F64 => "f64",
            Self::F32 => "f32",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::U8 => "u8",
            Self::Usize => "usize",
            Self::Bool => "bool",
        }
    }
}

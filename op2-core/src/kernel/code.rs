//! The body of a kernel or function, as data: what the macro read, in a form that any language can be
//! written from.
//!
//! The data is the same for all instances of a generic function. What only the compiler knows stands
//! in it as values that the compiler has worked out (lengths, the shapes of named types), as positions in
//! tables of an instance ([`Type::Param`], [`Type::Shape`]), or as a number ([`Type::Same`]) where the
//! type follows from others: from that of a field, a constant, or the result of a function.
//! [`source`](super::source) reads it.

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
    /// Its type and const parameters.
    pub generics: &'static [Generic],
    /// How many of the locals are parameters.
    pub params: usize,
    /// Every variable, parameters first.
    pub locals: &'static [Local],
    /// What it returns.
    pub ret: Type,
    /// What it does.
    pub body: Block,
    /// How many expressions it has.
    pub exprs: usize,
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

/// A type or const parameter.
#[derive(Debug)]
pub struct Generic {
    /// Its name.
    pub name: &'static str,
    /// Of a const parameter, its type.
    pub constant: Option<Scalar>,
}

/// What a type or const parameter stands for.
#[derive(Clone, Copy, Debug)]
pub enum Argument {
    /// A type.
    Type(Type),
    /// A number.
    Value(i128),
    /// A parameter of the caller, by position.
    Param(usize),
    /// Whatever the arguments say.
    Infer,
}

/// A variable.
#[derive(Debug)]
pub struct Local {
    /// Its name; several may have the same.
    pub name: &'static str,
    /// Its type.
    pub ty: Type,
}

/// A type, as far as the macro knows it.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// A number or a truth value.
    Scalar(Scalar),
    /// An array.
    Array(&'static Type, Length),
    /// A tuple; the empty one is the type of statements.
    Tuple(&'static [Type]),
    /// `&T` (false) or `&mut T` (true).
    Ref(bool, &'static Type),
    /// A type parameter, by position.
    Param(usize),
    /// A named type that mentions type or const parameters: a position in [`Instance::shapes`].
    Shape(usize),
    /// A named type.
    Kind(ElementKind),
    /// Equal numbers are equal types.
    Same(usize),
    /// To be found.
    Infer,
}

/// The length of an array.
#[derive(Clone, Copy, Debug)]
pub enum Length {
    /// A number.
    Known(usize),
    /// A const parameter, by position.
    Param(usize),
    /// To be found.
    Infer,
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

/// Statements and a value.
#[derive(Debug)]
pub struct Block {
    /// In order.
    pub stmts: &'static [Stmt],
    /// The value, if the block has one.
    pub value: Option<&'static Expr>,
}

/// A statement, after the number of lines from the head of the function.
#[derive(Debug)]
pub struct Stmt(pub u32, pub StmtKind);

/// What a statement does.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum StmtKind {
    Let(Pattern, Type, Option<Expr>),
    /// Visible in all of its block.
    Const(usize, Expr),
    /// The value is found first, then the place.
    Assign(Expr, Expr),
    Update(Op, Expr, Expr),
    If(If),
    Match(Match),
    For(For),
    While(Option<&'static str>, Expr, Block),
    Loop(Option<&'static str>, Block),
    Block(Block),
    Break(Option<&'static str>),
    Continue(Option<&'static str>),
    Return(Option<Expr>),
    Expr(Expr),
}

/// What a `let` binds.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum Pattern {
    Local(usize),
    Wild,
    Tuple(&'static [Pattern]),
}

/// A loop over a range of integers.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct For {
    pub label: Option<&'static str>,
    pub index: Option<usize>,
    pub start: Expr,
    pub end: Expr,
    /// `start..=end`.
    pub inclusive: bool,
    /// `(start..end).rev()`.
    pub reversed: bool,
    pub body: Block,
}

/// A branch.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct If {
    pub cond: Expr,
    pub then: Block,
    pub otherwise: Option<Block>,
}

/// A `match` over literals.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Match {
    pub value: Expr,
    pub arms: &'static [Arm],
}

/// One of the cases has to match; none stand for `_`.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Arm {
    pub cases: &'static [Case],
    pub body: Block,
}

/// A literal, or all from the first to the second.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum Case {
    Is(Expr),
    Between(Expr, Expr),
}

/// An expression, after its number: each of a function has another.
#[derive(Debug)]
pub struct Expr(pub usize, pub ExprKind);

/// What an expression is.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum ExprKind {
    /// Decimal digits.
    Int(&'static str, Type),
    Float(&'static str, Type),
    Bool(bool),
    Local(usize),
    Constant(usize),
    /// A const parameter.
    Generic(usize),
    /// `f64::EPSILON`, `f64::consts::PI`, `T::ZERO`: the last name and the type.
    Named(&'static str, Type),
    Neg(&'static Expr),
    Not(&'static Expr),
    Binary(Op, &'static Expr, &'static Expr),
    Deref(&'static Expr),
    Borrow(bool, &'static Expr),
    Cast(&'static Expr, Type),
    Index(&'static Expr, &'static Expr),
    Field(&'static Expr, &'static str),
    Array(&'static [Expr]),
    Repeat(&'static Expr, Length),
    Tuple(&'static [Expr]),
    Struct(&'static str, &'static [(&'static str, Expr)]),
    /// A position in [`Function::calls`], and the generic arguments written there.
    Call(usize, &'static [Argument], &'static [Expr]),
    /// A method of numbers; the type before `::` where it is written as a path.
    Method(&'static str, Option<Type>, &'static [Expr]),
    Len(&'static Expr),
    If(&'static If),
    Match(&'static Match),
    Block(&'static Block),
}

/// Operators with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Op {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    BitAnd,
    BitOr,
    BitXor,
    Shl,
    Shr,
    And,
    Or,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
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
    const SHAPE: Type = Type::Array(&T::SHAPE, Length::Known(N));

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
    i8 Type::Infer, Whole;
    i16 Type::Infer, Whole;
    u16 Type::Infer, Whole;
    isize Type::Infer, Whole;
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

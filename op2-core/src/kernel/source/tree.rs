//! A function as a tree: what its [text](crate::kernel::code::Function::text) says.

use crate::kernel::code::{self, Scalar};

/// A kernel or function.
pub(super) struct Tree {
    pub(super) generics: Vec<Generic>,
    /// How many of the locals are parameters.
    pub(super) params: usize,
    /// Every variable, parameters first; several may have the same name.
    pub(super) locals: Vec<(&'static str, Type)>,
    pub(super) ret: Type,
    pub(super) body: Block,
    /// How many expressions there are.
    pub(super) exprs: usize,
}

/// A type or const parameter.
pub(super) struct Generic {
    pub(super) name: &'static str,
    /// Of a const parameter, its type.
    pub(super) constant: Option<Scalar>,
}

/// A type, as far as the macro knows it.
pub(super) enum Type {
    Scalar(Scalar),
    Array(Box<Type>, Length),
    /// The empty one is the type of statements.
    Tuple(Vec<Type>),
    /// `&T` (false) or `&mut T` (true).
    Ref(bool, Box<Type>),
    Named(code::Type),
    /// A type parameter, by position.
    Param(usize),
    /// A named type that mentions type or const parameters: a position in `Instance::shapes`.
    Shape(usize),
    /// A struct that mentions const parameters, in a function: its name and arguments.
    Struct(&'static str, Vec<Argument>),
    /// Equal numbers are equal types.
    Same(usize),
    Infer,
}

/// The length of an array.
#[derive(Clone, Copy)]
pub(super) enum Length {
    Known(usize),
    /// A const parameter, by position.
    Param(usize),
    Infer,
}

/// What a call writes for a generic parameter.
pub(super) enum Argument {
    Type(Type),
    Value(i128),
    /// A parameter of the caller, by position.
    Param(usize),
    /// Whatever the arguments say.
    Infer,
}

/// Statements and a value.
pub(super) struct Block {
    pub(super) stmts: Vec<Stmt>,
    pub(super) value: Option<Box<Expr>>,
}

/// A statement, and its line from the head of the function.
pub(super) struct Stmt {
    pub(super) line: u32,
    pub(super) kind: StmtKind,
}

pub(super) type Label = Option<&'static str>;

pub(super) enum StmtKind {
    Let(Pattern, Type, Option<Expr>),
    /// Before all others of its block, and after those that it names.
    Const(usize, Expr),
    /// The value is found first, then the place.
    Assign(Expr, Expr),
    Update(Op, Expr, Expr),
    If(If),
    Match(Match),
    For(For),
    While(Label, Expr, Block),
    Loop(Label, Block),
    Block(Block),
    Break(Label),
    Continue(Label),
    Return(Option<Expr>),
    Expr(Expr),
}

/// What a `let` binds.
pub(super) enum Pattern {
    Local(usize),
    Wild,
    Tuple(Vec<Pattern>),
}

/// A loop over a range of integers.
pub(super) struct For {
    pub(super) label: Label,
    pub(super) index: Option<usize>,
    pub(super) start: Expr,
    pub(super) end: Expr,
    /// `start..=end`.
    pub(super) inclusive: bool,
    /// `(start..end).rev()`.
    pub(super) reversed: bool,
    pub(super) body: Block,
}

pub(super) struct If {
    pub(super) cond: Expr,
    pub(super) then: Block,
    pub(super) otherwise: Option<Block>,
}

/// A `match` over literals.
pub(super) struct Match {
    pub(super) value: Expr,
    pub(super) arms: Vec<Arm>,
}

/// One of the cases has to match; none stand for `_`.
pub(super) struct Arm {
    pub(super) cases: Vec<Case>,
    pub(super) body: Block,
}

/// A literal, or all from the first to the second.
pub(super) enum Case {
    Is(Expr),
    Between(Expr, Expr),
}

/// An expression, and its number: each of a function has another.
pub(super) struct Expr {
    pub(super) number: usize,
    pub(super) kind: ExprKind,
}

pub(super) enum ExprKind {
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
    Neg(Box<Expr>),
    Not(Box<Expr>),
    Binary(Op, Box<[Expr; 2]>),
    Deref(Box<Expr>),
    Borrow(bool, Box<Expr>),
    Cast(Box<Expr>, Type),
    Index(Box<[Expr; 2]>),
    Field(Box<Expr>, &'static str),
    Array(Vec<Expr>),
    Repeat(Box<Expr>, Length),
    Tuple(Vec<Expr>),
    /// The names of its fields, as written, and their values.
    Struct(&'static str, Vec<&'static str>, Vec<Expr>),
    /// A position in `Function::calls`, and the generic arguments written there.
    Call(usize, Vec<Argument>, Vec<Expr>),
    /// A method of numbers; the type before `::` where it is written as a path.
    Method(&'static str, Option<Type>, Vec<Expr>),
    Len(Box<Expr>),
    If(Box<If>),
    Match(Box<Match>),
    Block(Box<Block>),
}

/// Operators with two operands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
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

impl Op {
    /// The operator that Rust, and C, write so.
    pub(super) fn from_symbol(symbol: &str) -> Option<Self> {
        Some(match symbol {
            "+" => Self::Add,
            "-" => Self::Sub,
            "*" => Self::Mul,
            "/" => Self::Div,
            "%" => Self::Rem,
            "&" => Self::BitAnd,
            "|" => Self::BitOr,
            "^" => Self::BitXor,
            "<<" => Self::Shl,
            ">>" => Self::Shr,
            "&&" => Self::And,
            "||" => Self::Or,
            "==" => Self::Eq,
            "!=" => Self::Ne,
            "<" => Self::Lt,
            "<=" => Self::Le,
            ">" => Self::Gt,
            ">=" => Self::Ge,
            _ => return None,
        })
    }
}

impl Tree {
    /// The name of a variable.
    pub(super) fn local_name(&self, local: usize) -> &'static str {
        self.locals.get(local).map_or("", |(name, _)| name)
    }
}

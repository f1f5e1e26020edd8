//! The typed form of a kernel: what later stages and every target language read.
//!
//! Each expression has a type and a span; names are resolved (a shadowing `let` is another
//! [`LocalId`]), implicit dereferences are explicit, methods are [`Intrinsic`]s. What only
//! rustc knows stays `Type::Unknown`. Statements and expressions are kept apart, since the
//! C family does: a value never hides an assignment outside a [`Block`].

use proc_macro2::{Ident, Span, TokenStream};
use syn::Attribute;

use super::Flavor;
use super::cost::Cost;
use super::intrinsics::Intrinsic;
pub(crate) use super::operators::{BinaryOp, UnaryOp};
pub(crate) use super::types::{Len, Scalar, Type, VarId};

/// A kernel, or a function that kernels may call.
pub(crate) struct Kernel {
    pub(crate) flavor: Flavor,
    pub(crate) name: Ident,
    pub(crate) vis: syn::Visibility,
    /// Documentation, lint levels and the like: all attributes but ours.
    pub(crate) attrs: Vec<Attribute>,
    /// Type and const parameters with their where clause; lifetimes are refused.
    pub(crate) generics: syn::Generics,
    pub(crate) params: Vec<Param>,
    /// The unit type for kernels.
    pub(crate) ret: Type,
    /// The return type as written.
    pub(crate) output: syn::ReturnType,
    /// Every local variable; the parameters come first, in order.
    pub(crate) locals: Vec<Local>,
    pub(crate) body: Block,
    /// The user's own tokens, except that constants are renamed and that the types of `let`s
    /// are written out where inference found them.
    pub(crate) rust_body: syn::Block,
    pub(crate) constants: Vec<ConstantUse>,
    /// Names of constants that give the length of an array, const generics left out. They are
    /// not renamed, because Rust wants them at compile time.
    pub(crate) lengths: Vec<Ident>,
    /// Names in lower case that are bound nowhere in the kernel: rustc reports most of them;
    /// one that does exist, such as a `static`, is for the expansion to refuse.
    pub(crate) outer_names: Vec<Ident>,
    /// Named types whose values appear in arithmetic or before a method: they have to be
    /// aliases of scalars, since user-written operators have no device version.
    pub(crate) scalar_names: Vec<syn::Path>,
    /// Every called function that is not an intrinsic, once each, as written at its first call.
    pub(crate) functions: Vec<syn::Path>,
    pub(crate) options: Options,
    /// Work per element.
    pub(crate) cost: Cost,
}

/// A parameter of a kernel or function.
pub(crate) struct Param {
    pub(crate) name: Ident,
    pub(crate) mode: Mode,
    /// `mut x: ..`.
    pub(crate) mutable_binding: bool,
    /// The `T` of `&T`, `&mut T`, `Inc<T>`.
    pub(crate) value_ty: syn::Type,
    /// The whole type as the user wrote it.
    pub(crate) written_ty: syn::Type,
    /// The `T`, read.
    pub(crate) ty: Type,
    /// For Write: every element is assigned on every path. False for other modes.
    pub(crate) fully_written: bool,
}

/// What a kernel may do to a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Read,
    Write,
    Rw,
    Inc,
    Min,
    Max,
    /// Passed by value: parameters of functions only.
    Value,
}

impl Mode {
    /// The word that users know.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Read => "Read",
            Self::Write => "Write",
            Self::Rw => "Rw",
            Self::Inc => "Inc",
            Self::Min => "Min",
            Self::Max => "Max",
            Self::Value => "Value",
        }
    }
}

/// What `#[kernel(..)]` asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// Elements per vector block; `None` leaves the choice to the cost rule.
    pub(crate) lanes: Option<usize>,
    /// Any Rust is allowed in the body; devices refuse the kernel.
    pub(crate) host: bool,
}

/// A constant that the body names.
pub(crate) struct ConstantUse {
    /// The name, with the span of its first use.
    pub(crate) ident: Ident,
    /// What `rust_body` calls it.
    pub(crate) renamed: Ident,
    pub(crate) ty: Type,
}

/// Number of a local variable in `Kernel::locals`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LocalId(pub(crate) usize);

/// A parameter, a `let`, a loop index or a `const` inside the body.
pub(crate) struct Local {
    pub(crate) name: Ident,
    pub(crate) kind: LocalKind,
    pub(crate) mutable: bool,
    pub(crate) ty: Type,
}

/// Where a local variable comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LocalKind {
    /// Position in `Kernel::params`.
    Param(usize),
    Let,
    LoopIndex,
    /// The value, if it is an integer literal.
    Const(Option<u64>),
}

/// Statements and a value.
pub(crate) struct Block {
    pub(crate) stmts: Vec<Stmt>,
    /// The value; `None` if the block has none.
    pub(crate) tail: Option<Box<Expr>>,
}

pub(crate) struct Stmt {
    pub(crate) kind: StmtKind,
    pub(crate) span: Span,
}

pub(crate) enum StmtKind {
    /// `declared` is the type that the user wrote.
    Let {
        pattern: Pattern,
        declared: Option<Type>,
        value: Option<Expr>,
    },
    /// `const X: T = ..;`
    Const {
        local: LocalId,
        value: Expr,
    },
    /// `place = value`, with the span of `=`.
    Assign {
        place: Expr,
        value: Expr,
        eq: Span,
    },
    /// `place op= value`, with the span of the operator.
    Update {
        op: BinaryOp,
        place: Expr,
        value: Expr,
        op_span: Span,
    },
    If(If),
    Match(Match),
    For(For),
    While {
        label: Option<String>,
        cond: Expr,
        body: Block,
    },
    Loop {
        label: Option<String>,
        body: Block,
    },
    Block(Block),
    Break(Option<String>),
    Continue(Option<String>),
    Return(Option<Expr>),
    /// Evaluated for its effect.
    Expr(Expr),
    /// Host kernels only: `for pattern in iterator`.
    ForEach {
        label: Option<String>,
        pattern: TokenStream,
        iterator: Expr,
        body: Block,
    },
}

pub(crate) enum Pattern {
    Local(LocalId),
    Wild,
    Tuple(Vec<Pattern>),
}

/// `for index in start..end`.
pub(crate) struct For {
    pub(crate) label: Option<String>,
    /// `None` for `_`.
    pub(crate) index: Option<LocalId>,
    pub(crate) start: Expr,
    pub(crate) end: Expr,
    /// `start..=end`.
    pub(crate) inclusive: bool,
    /// `(start..end).rev()`.
    pub(crate) reversed: bool,
    pub(crate) body: Block,
}

pub(crate) struct If {
    pub(crate) cond: Expr,
    pub(crate) then: Block,
    pub(crate) otherwise: Option<Block>,
}

/// `match` over integer or bool literals.
pub(crate) struct Match {
    pub(crate) value: Expr,
    pub(crate) arms: Vec<Arm>,
}

pub(crate) struct Arm {
    /// One of these has to match; empty for `_`.
    pub(crate) cases: Vec<Case>,
    pub(crate) body: Block,
}

/// A literal, or a range from the first to the second literal, both included.
pub(crate) enum Case {
    Is(Box<Expr>),
    Between(Box<Expr>, Box<Expr>),
}

pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) ty: Type,
    pub(crate) span: Span,
}

pub(crate) enum ExprKind {
    /// Decimal digits.
    Int(String),
    /// Decimal digits, point and exponent.
    Float(String),
    Bool(bool),
    Local(LocalId),
    /// Position in `Kernel::constants`.
    Constant(usize),
    ConstGeneric(Ident),
    /// A name that is bound nowhere in the kernel.
    Outer(Ident),
    /// `f64::EPSILON`, `f64::consts::PI`, `T::ZERO`: the path and the last name.
    Named {
        path: syn::Path,
        name: String,
        of: Type,
    },
    Unary(UnaryOp, Box<Expr>),
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `*x`; `implied` where Rust inserts it.
    Deref {
        target: Box<Expr>,
        implied: bool,
    },
    /// `&x` (false) or `&mut x` (true): arguments of functions only.
    Borrow(bool, Box<Expr>),
    /// `x as T`, or `T::from(x)` where no digit is lost.
    Cast {
        value: Box<Expr>,
        to: Type,
        lossless: bool,
    },
    Index(Box<Expr>, Box<Expr>),
    Field(Box<Expr>, syn::Member),
    Array(Vec<Expr>),
    Repeat(Box<Expr>, Len),
    Tuple(Vec<Expr>),
    Struct(syn::Path, Vec<(syn::Member, Expr)>),
    /// Position in `Kernel::functions`; the path as written at this call.
    Call {
        function: Option<usize>,
        path: syn::Path,
        args: Vec<Expr>,
    },
    /// `of` is the type before `::` where the call was written as a path.
    Intrinsic {
        intrinsic: Intrinsic,
        of: Option<Type>,
        args: Vec<Expr>,
    },
    /// `array.len()`.
    ArrayLen(Box<Expr>),
    If(Box<If>),
    Match(Box<Match>),
    Block(Block),
    /// Rust that the kernel language does not know: in host kernels, and after an error.
    Opaque(Opaque),
}

/// Tokens that are passed through, and the locals that they name.
pub(crate) struct Opaque {
    pub(crate) tokens: TokenStream,
    pub(crate) mentions: Vec<(LocalId, Span)>,
}

impl Expr {
    /// An expression whose type is still to be inferred.
    pub(crate) fn new(kind: ExprKind, span: Span) -> Self {
        Self { kind, ty: Type::unset(), span }
    }

    /// The expression as a statement: its value is dropped.
    pub(crate) fn into_stmt(self) -> Stmt {
        let kind = match self.kind {
            ExprKind::If(inner) => {
                let If { cond, then, otherwise } = *inner;
                let otherwise = otherwise.map(Block::without_value);
                StmtKind::If(If { cond, then: then.without_value(), otherwise })
            }
            ExprKind::Match(inner) => {
                let Match { value, mut arms } = *inner;
                for arm in &mut arms {
                    arm.body.drop_value();
                }
                StmtKind::Match(Match { value, arms })
            }
            ExprKind::Block(block) => StmtKind::Block(block.without_value()),
            kind => StmtKind::Expr(Self { kind, ty: self.ty, span: self.span }),
        };
        Stmt { kind, span: self.span }
    }
}

impl Block {
    /// Turns the value of the block, if any, into a last statement.
    pub(crate) fn drop_value(&mut self) {
        if let Some(tail) = self.tail.take() {
            self.stmts.push(tail.into_stmt());
        }
    }

    fn without_value(mut self) -> Self {
        self.drop_value();
        self
    }
}

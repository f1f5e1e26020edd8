//! The IR as `op2_core::kernel::code::Function` has it: text, and tables of what only rustc knows.
//!
//! The grammar stands there. The text is the same for all instances of a generic kernel, so that it can
//! stand beside its constants. What the macro does not know is an expression in a table, for rustc to work
//! out, or left open where it follows from something else.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::quote;

use super::Lower;
use crate::kernel::ir::{
    Arm, Block, Case, Expr, ExprKind, For, If, Kernel, Match, Pattern, Stmt, StmtKind, UnaryOp,
};

/// The form for devices.
pub(crate) struct Data;

/// A kernel as data; `__op2` is the library's private module there.
pub(crate) struct Code {
    /// Fields of `code::Function`, all but those that the expansion of the constants knows.
    pub(crate) fields: TokenStream,
    /// The types for `code::Instance::shapes`: they mention generic parameters.
    pub(crate) shapes: Vec<syn::Path>,
}

impl Lower for Data {
    type Output = Code;

    fn lower(&self, kernel: &Kernel) -> Code {
        let mut writer = Writer::new(kernel);
        writer.signature();
        writer.block(&kernel.body);
        let Writer { text, types, lengths, values, shapes, .. } = writer;
        let fields = quote! {
            text: #text,
            types: &[#(<#types as __op2::code::Shape>::SHAPE),*],
            lengths: &[#(#lengths),*],
            values: &[#((#values) as i128),*],
        };
        Code { fields, shapes }
    }
}

pub(super) struct Writer<'a> {
    pub(super) kernel: &'a Kernel,
    /// Words with a space between them.
    text: String,
    /// The line of the attribute.
    first_line: usize,
    /// Inside the body, where its own constants are known.
    pub(super) in_body: bool,
    pub(super) types: Vec<TokenStream>,
    pub(super) lengths: Vec<TokenStream>,
    pub(super) values: Vec<TokenStream>,
    pub(super) shapes: Vec<syn::Path>,
}

impl<'a> Writer<'a> {
    fn new(kernel: &'a Kernel) -> Self {
        Self {
            kernel,
            text: String::new(),
            first_line: Span::call_site().start().line,
            in_body: false,
            types: Vec::new(),
            lengths: Vec::new(),
            values: Vec::new(),
            shapes: Vec::new(),
        }
    }
}

impl Writer<'_> {
    pub(super) fn word(&mut self, word: impl Display) {
        use std::fmt::Write;
        let space = if self.text.is_empty() { "" } else { " " };
        // Writing to a string does not fail.
        let _ = write!(self.text, "{space}{word}");
    }

    /// The number of items, and each of them.
    pub(super) fn many<T>(&mut self, items: &[T], write: impl Fn(&mut Self, &T)) {
        self.word(items.len());
        items.iter().for_each(|item| write(self, item));
    }

    pub(super) fn maybe<T>(&mut self, item: Option<T>, write: impl Fn(&mut Self, T)) {
        match item {
            Some(item) => write(self, item),
            None => self.word("none"),
        }
    }

    fn label(&mut self, label: Option<&String>) {
        self.maybe(label, |writer, label| writer.word(format_args!("'{label}")));
    }

    fn block(&mut self, block: &Block) {
        self.word(block.stmts.len());
        self.constants(block);
        for stmt in block.stmts.iter().filter(|stmt| constant(stmt).is_none()) {
            self.stmt(stmt);
        }
        self.maybe(block.tail.as_deref(), Self::expr);
    }

    /// The constants of a block, each after those that it names: Rust takes them in any order.
    fn constants(&mut self, block: &Block) {
        let mut left: Vec<(usize, String)> = Vec::new();
        for stmt in &block.stmts {
            if let Some(local) = constant(stmt) {
                let before = std::mem::take(&mut self.text);
                self.stmt(stmt);
                left.push((local, std::mem::replace(&mut self.text, before)));
            }
        }
        while !left.is_empty() {
            let ready = |text: &str| !left.iter().any(|(local, _)| mentions(text, *local));
            let next = left.iter().position(|(_, text)| ready(text)).unwrap_or_default();
            let (_, text) = left.remove(next);
            self.word(text);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        self.word(stmt.span.start().line.saturating_sub(self.first_line));
        match &stmt.kind {
            StmtKind::Let { pattern, declared, value } => {
                self.word("let");
                self.pattern(pattern);
                match declared {
                    Some(declared) => self.ty(declared),
                    None => self.word("_"),
                }
                self.maybe(value.as_ref(), Self::expr);
            }
            StmtKind::Const { local, value } => {
                self.word(format_args!("const {}", local.0));
                self.expr(value);
            }
            StmtKind::Assign { place, value, .. } => {
                self.word("=");
                self.exprs([place, value]);
            }
            StmtKind::Update { op, place, value, .. } => {
                self.word(format_args!("op= {}", op.symbol()));
                self.exprs([place, value]);
            }
            StmtKind::Return(value) => {
                self.word("return");
                self.maybe(value.as_ref(), Self::expr);
            }
            StmtKind::Expr(value) => {
                self.word("do");
                self.expr(value);
            }
            _ => self.control(stmt),
        }
    }

    fn control(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::If(inner) => self.if_(inner),
            StmtKind::Match(inner) => self.match_(inner),
            StmtKind::For(inner) => self.for_(inner),
            StmtKind::While { label, cond, body } => {
                self.word("while");
                self.label(label.as_ref());
                self.expr(cond);
                self.block(body);
            }
            StmtKind::Loop { label, body } => {
                self.word("loop");
                self.label(label.as_ref());
                self.block(body);
            }
            StmtKind::Block(body) => {
                self.word("{");
                self.block(body);
            }
            StmtKind::Break(label) => {
                self.word("break");
                self.label(label.as_ref());
            }
            StmtKind::Continue(label) => {
                self.word("continue");
                self.label(label.as_ref());
            }
            // Host kernels only, which have no code.
            _ => self.word("unknown"),
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        match pattern {
            Pattern::Wild => self.word("_"),
            Pattern::Local(local) => self.word(local.0),
            Pattern::Tuple(parts) => {
                self.word("(");
                self.many(parts, Self::pattern);
            }
        }
    }

    fn if_(&mut self, inner: &If) {
        self.word("if");
        self.expr(&inner.cond);
        self.block(&inner.then);
        self.maybe(inner.otherwise.as_ref(), Self::block);
    }

    fn match_(&mut self, inner: &Match) {
        self.word("match");
        self.expr(&inner.value);
        self.many(&inner.arms, |writer, Arm { cases, body }| {
            writer.many(cases, Self::case);
            writer.block(body);
        });
    }

    fn case(&mut self, case: &Case) {
        match case {
            Case::Is(literal) => {
                self.word("is");
                self.expr(literal);
            }
            Case::Between(first, last) => {
                self.word("to");
                self.exprs([first, last]);
            }
        }
    }

    fn for_(&mut self, inner: &For) {
        self.word("for");
        self.label(inner.label.as_ref());
        self.maybe(inner.index, |writer, index| writer.word(index.0));
        self.exprs([&inner.start, &inner.end]);
        self.word(if inner.inclusive { "..=" } else { ".." });
        self.word(if inner.reversed { "down" } else { "up" });
        self.block(&inner.body);
    }

    fn exprs(&mut self, exprs: [&Expr; 2]) {
        exprs.into_iter().for_each(|expr| self.expr(expr));
    }

    /// A word before an expression.
    fn unary(&mut self, word: &str, operand: &Expr) {
        self.word(word);
        self.expr(operand);
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Int(digits) => {
                self.word(format_args!("int {digits}"));
                self.ty(&expr.ty);
            }
            ExprKind::Float(digits) => {
                self.word(format_args!("real {digits}"));
                self.ty(&expr.ty);
            }
            ExprKind::Bool(value) => self.word(value),
            ExprKind::Local(local) => self.word(format_args!("x {}", local.0)),
            ExprKind::Constant(k) => self.word(format_args!("constant {k}")),
            ExprKind::ConstGeneric(name) => {
                let k = self.generic(name).unwrap_or_default();
                self.word(format_args!("generic {k}"));
            }
            ExprKind::Named { name, of, .. } => {
                self.word(format_args!("item {name}"));
                self.ty(of);
            }
            ExprKind::Unary(UnaryOp::Neg, operand) => self.unary("neg", operand),
            ExprKind::Unary(UnaryOp::Not, operand) => self.unary("not", operand),
            ExprKind::Binary(op, left, right) => {
                self.word(op.symbol());
                self.exprs([left, right]);
            }
            ExprKind::Deref { target, .. } => self.unary("deref", target),
            ExprKind::Borrow(mutable, target) => {
                self.unary(if *mutable { "mut" } else { "ref" }, target);
            }
            ExprKind::Cast { value, to, .. } => {
                self.unary("as", value);
                self.ty(to);
            }
            ExprKind::ArrayLen(array) => self.unary("len", array),
            ExprKind::If(inner) => self.if_(inner),
            ExprKind::Match(inner) => self.match_(inner),
            ExprKind::Block(block) => {
                self.word("{");
                self.block(block);
            }
            _ => self.composite(expr),
        }
    }

    fn composite(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Index(base, index) => {
                self.word("at");
                self.exprs([base, index]);
            }
            ExprKind::Field(base, member) => {
                self.word(format_args!(". {}", member_name(member)));
                self.expr(base);
            }
            ExprKind::Array(parts) => {
                self.word("[");
                self.many(parts, Self::expr);
            }
            ExprKind::Repeat(value, len) => {
                self.unary("fill", value);
                self.length(len);
            }
            ExprKind::Tuple(parts) => {
                self.word("(");
                self.many(parts, Self::expr);
            }
            ExprKind::Struct(path, fields) => {
                let name = path.segments.last().map(|last| last.ident.to_string());
                self.word(format_args!("struct {}", name.unwrap_or_default()));
                self.many(fields, |writer, (member, _)| writer.word(member_name(member)));
                self.many(fields, |writer, (_, value)| writer.expr(value));
            }
            ExprKind::Call { function, path, args } => {
                self.word(format_args!("call {}", function.unwrap_or_default()));
                self.arguments(path);
                self.many(args, Self::expr);
            }
            ExprKind::Intrinsic { intrinsic, of, args } => {
                self.word(format_args!("method {}", intrinsic.spec().name));
                self.maybe(of.as_ref(), Self::ty);
                self.many(args, Self::expr);
            }
            // Host kernels only, which have no code.
            _ => self.word("unknown"),
        }
    }
}

/// The variable that is a constant of its block.
fn constant(stmt: &Stmt) -> Option<usize> {
    match &stmt.kind {
        StmtKind::Const { local, .. } => Some(local.0),
        _ => None,
    }
}

/// Whether the written text names a variable.
fn mentions(text: &str, local: usize) -> bool {
    text.split("x ").skip(1).any(|rest| {
        let number = rest.split(' ').next().unwrap_or_default();
        number.parse() == Ok(local)
    })
}

/// The name of a field, or its index.
fn member_name(member: &syn::Member) -> String {
    match member {
        syn::Member::Named(name) => name.to_string(),
        syn::Member::Unnamed(index) => index.index.to_string(),
    }
}

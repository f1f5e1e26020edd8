//! The IR as Rust values: what `op2_core::kernel::code` describes.
//!
//! The values are the same for all instances of a generic kernel, so that they can stand beside its
//! constants. What the macro does not know is written as an expression that rustc works out, or left
//! open where it follows from something else.

use std::cell::{Cell, RefCell};

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};

use super::Lower;
use crate::kernel::ir::{
    Arm, BinaryOp, Block, Case, Expr, ExprKind, For, If, Kernel, Match, Pattern, Stmt, StmtKind,
    UnaryOp,
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
        let writer = Writer { kernel, numbers: Cell::new(0), shapes: RefCell::default() };
        let generics = writer.generics();
        let locals = writer.locals();
        let ret = writer.ty(&kernel.ret);
        let body = writer.block(&kernel.body);
        let (params, exprs) = (kernel.params.len(), writer.numbers.get());
        let fields = quote! {
            generics: &[#(#generics),*],
            params: #params,
            locals: &[#(#locals),*],
            ret: #ret,
            body: #body,
            exprs: #exprs,
        };
        Code { fields, shapes: writer.shapes.into_inner() }
    }
}

pub(super) struct Writer<'a> {
    pub(super) kernel: &'a Kernel,
    /// How many expressions have been numbered.
    numbers: Cell<usize>,
    pub(super) shapes: RefCell<Vec<syn::Path>>,
}

impl Writer<'_> {
    fn block(&self, block: &Block) -> TokenStream {
        let stmts = block.stmts.iter().map(|stmt| self.stmt(stmt));
        let value = option(block.tail.as_ref().map(|tail| self.by_ref(tail)).as_ref());
        quote!(__op2::code::Block { stmts: &[#(#stmts),*], value: #value })
    }

    fn stmt(&self, stmt: &Stmt) -> TokenStream {
        let first = Span::call_site().start().line;
        let line = stmt.span.start().line.saturating_sub(first) as u32;
        let kind = self.stmt_kind(stmt);
        quote!(__op2::code::Stmt(#line, __op2::code::StmtKind::#kind))
    }

    fn stmt_kind(&self, stmt: &Stmt) -> TokenStream {
        match &stmt.kind {
            StmtKind::Let { pattern, declared, value } => {
                let pattern = pattern_data(pattern);
                let declared = declared
                    .as_ref()
                    .map_or_else(|| quote!(__op2::code::Type::Infer), |declared| self.ty(declared));
                let value = option(value.as_ref().map(|value| self.expr(value)).as_ref());
                quote!(Let(#pattern, #declared, #value))
            }
            StmtKind::Const { local, value } => {
                let (local, value) = (local.0, self.expr(value));
                quote!(Const(#local, #value))
            }
            StmtKind::Assign { place, value, .. } => {
                let (place, value) = (self.expr(place), self.expr(value));
                quote!(Assign(#place, #value))
            }
            StmtKind::Update { op, place, value, .. } => {
                let (op, place, value) = (operator(*op), self.expr(place), self.expr(value));
                quote!(Update(#op, #place, #value))
            }
            StmtKind::Break(label) => {
                let label = option(label.as_ref());
                quote!(Break(#label))
            }
            StmtKind::Continue(label) => {
                let label = option(label.as_ref());
                quote!(Continue(#label))
            }
            StmtKind::Return(value) => {
                let value = option(value.as_ref().map(|value| self.expr(value)).as_ref());
                quote!(Return(#value))
            }
            StmtKind::Expr(value) => {
                let value = self.expr(value);
                quote!(Expr(#value))
            }
            _ => self.control(stmt),
        }
    }

    fn control(&self, stmt: &Stmt) -> TokenStream {
        match &stmt.kind {
            StmtKind::If(inner) => {
                let inner = self.if_(inner);
                quote!(If(#inner))
            }
            StmtKind::Match(inner) => {
                let inner = self.match_(inner);
                quote!(Match(#inner))
            }
            StmtKind::For(inner) => {
                let inner = self.for_(inner);
                quote!(For(#inner))
            }
            StmtKind::While { label, cond, body } => {
                let (label, cond, body) =
                    (option(label.as_ref()), self.expr(cond), self.block(body));
                quote!(While(#label, #cond, #body))
            }
            StmtKind::Loop { label, body } => {
                let (label, body) = (option(label.as_ref()), self.block(body));
                quote!(Loop(#label, #body))
            }
            StmtKind::Block(body) => {
                let body = self.block(body);
                quote!(Block(#body))
            }
            // Host kernels only, which have no code.
            _ => quote!(Break(::core::option::Option::None)),
        }
    }

    fn if_(&self, inner: &If) -> TokenStream {
        let (cond, then) = (self.expr(&inner.cond), self.block(&inner.then));
        let otherwise = option(inner.otherwise.as_ref().map(|block| self.block(block)).as_ref());
        quote!(__op2::code::If { cond: #cond, then: #then, otherwise: #otherwise })
    }

    fn match_(&self, inner: &Match) -> TokenStream {
        let value = self.expr(&inner.value);
        let arms = inner.arms.iter().map(|Arm { cases, body }| {
            let cases = cases.iter().map(|case| match case {
                Case::Is(literal) => {
                    let literal = self.expr(literal);
                    quote!(__op2::code::Case::Is(#literal))
                }
                Case::Between(first, last) => {
                    let (first, last) = (self.expr(first), self.expr(last));
                    quote!(__op2::code::Case::Between(#first, #last))
                }
            });
            let cases: Vec<_> = cases.collect();
            let body = self.block(body);
            quote!(__op2::code::Arm { cases: &[#(#cases),*], body: #body })
        });
        let arms: Vec<_> = arms.collect();
        quote!(__op2::code::Match { value: #value, arms: &[#(#arms),*] })
    }

    fn for_(&self, inner: &For) -> TokenStream {
        let (start, end) = (self.expr(&inner.start), self.expr(&inner.end));
        let (inclusive, reversed) = (inner.inclusive, inner.reversed);
        let (label, body) = (option(inner.label.as_ref()), self.block(&inner.body));
        let index = option(inner.index.map(|index| index.0).as_ref());
        quote! {
            __op2::code::For {
                label: #label,
                index: #index,
                start: #start,
                end: #end,
                inclusive: #inclusive,
                reversed: #reversed,
                body: #body,
            }
        }
    }

    fn expr(&self, expr: &Expr) -> TokenStream {
        let number = self.numbers.get();
        self.numbers.set(number + 1);
        let kind = self.expr_kind(expr);
        quote!(__op2::code::Expr(#number, __op2::code::ExprKind::#kind))
    }

    fn by_ref(&self, expr: &Expr) -> TokenStream {
        let expr = self.expr(expr);
        quote!(&#expr)
    }

    fn list(&self, parts: &[Expr]) -> TokenStream {
        let parts = parts.iter().map(|part| self.expr(part));
        quote!(&[#(#parts),*])
    }

    fn expr_kind(&self, expr: &Expr) -> TokenStream {
        match &expr.kind {
            ExprKind::Int(digits) => {
                let ty = self.ty(&expr.ty);
                quote!(Int(#digits, #ty))
            }
            ExprKind::Float(digits) => {
                let ty = self.ty(&expr.ty);
                quote!(Float(#digits, #ty))
            }
            ExprKind::Bool(value) => quote!(Bool(#value)),
            ExprKind::Local(local) => {
                let local = local.0;
                quote!(Local(#local))
            }
            ExprKind::Constant(k) => quote!(Constant(#k)),
            ExprKind::ConstGeneric(name) => {
                let k = self.generic(name).unwrap_or_default();
                quote!(Generic(#k))
            }
            ExprKind::Named { name, of, .. } => {
                let of = self.ty(of);
                quote!(Named(#name, #of))
            }
            ExprKind::Unary(op, operand) => {
                let op = match op {
                    UnaryOp::Neg => quote!(Neg),
                    UnaryOp::Not => quote!(Not),
                };
                let operand = self.by_ref(operand);
                quote!(#op(#operand))
            }
            ExprKind::Binary(op, left, right) => {
                let (op, left, right) = (operator(*op), self.by_ref(left), self.by_ref(right));
                quote!(Binary(#op, #left, #right))
            }
            ExprKind::Deref { target, .. } => {
                let target = self.by_ref(target);
                quote!(Deref(#target))
            }
            ExprKind::Borrow(mutable, target) => {
                let target = self.by_ref(target);
                quote!(Borrow(#mutable, #target))
            }
            ExprKind::Cast { value, to, .. } => {
                let (value, to) = (self.by_ref(value), self.ty(to));
                quote!(Cast(#value, #to))
            }
            _ => self.composite(expr),
        }
    }

    fn composite(&self, expr: &Expr) -> TokenStream {
        match &expr.kind {
            ExprKind::Index(base, index) => {
                let (base, index) = (self.by_ref(base), self.by_ref(index));
                quote!(Index(#base, #index))
            }
            ExprKind::Field(base, member) => {
                let (base, name) = (self.by_ref(base), member_name(member));
                quote!(Field(#base, #name))
            }
            ExprKind::Array(parts) => {
                let parts = self.list(parts);
                quote!(Array(#parts))
            }
            ExprKind::Repeat(value, len) => {
                let (value, len) = (self.by_ref(value), self.length(len));
                quote!(Repeat(#value, #len))
            }
            ExprKind::Tuple(parts) => {
                let parts = self.list(parts);
                quote!(Tuple(#parts))
            }
            ExprKind::Struct(path, fields) => {
                let name = path.segments.last().map(|last| last.ident.to_string());
                let name = name.unwrap_or_default();
                let fields = fields.iter().map(|(member, value)| {
                    let (member, value) = (member_name(member), self.expr(value));
                    quote!((#member, #value))
                });
                quote!(Struct(#name, &[#(#fields),*]))
            }
            ExprKind::Call { function, path, args } => {
                let function = function.unwrap_or_default();
                let (arguments, args) = (self.arguments(path), self.list(args));
                quote!(Call(#function, &[#(#arguments),*], #args))
            }
            ExprKind::Intrinsic { intrinsic, of, args } => {
                let (name, args) = (intrinsic.spec().name, self.list(args));
                let of = option(of.as_ref().map(|of| self.ty(of)).as_ref());
                quote!(Method(#name, #of, #args))
            }
            ExprKind::ArrayLen(array) => {
                let array = self.by_ref(array);
                quote!(Len(#array))
            }
            ExprKind::If(inner) => {
                let inner = self.if_(inner);
                quote!(If(&#inner))
            }
            ExprKind::Match(inner) => {
                let inner = self.match_(inner);
                quote!(Match(&#inner))
            }
            ExprKind::Block(block) => {
                let block = self.block(block);
                quote!(Block(&#block))
            }
            // A name that rustc will not find; opaque tokens are in host kernels only.
            _ => quote!(Bool(false)),
        }
    }
}

fn pattern_data(pattern: &Pattern) -> TokenStream {
    let kind = match pattern {
        Pattern::Wild => quote!(Wild),
        Pattern::Local(local) => {
            let local = local.0;
            quote!(Local(#local))
        }
        Pattern::Tuple(parts) => {
            let parts = parts.iter().map(pattern_data);
            quote!(Tuple(&[#(#parts),*]))
        }
    };
    quote!(__op2::code::Pattern::#kind)
}

fn operator(op: BinaryOp) -> TokenStream {
    let name = format_ident!("{op:?}");
    quote!(__op2::code::Op::#name)
}

/// The name of a field, or its index.
fn member_name(member: &syn::Member) -> String {
    match member {
        syn::Member::Named(name) => name.to_string(),
        syn::Member::Unnamed(index) => index.index.to_string(),
    }
}

pub(super) fn option(value: Option<&impl quote::ToTokens>) -> TokenStream {
    value.map_or_else(
        || quote!(::core::option::Option::None),
        |value| quote!(::core::option::Option::Some(#value)),
    )
}

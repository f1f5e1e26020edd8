//! The IR as a Rust fn: for inspection, and to prove that the IR says all that the source says.
//!
//! The program that runs on the CPU is made of the user's own tokens (`Kernel::rust_body`);
//! this is the same fn, made of the IR alone.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote};

use super::Lower;
use crate::kernel::ir::{
    Arm, Block, Case, Expr, ExprKind, For, If, Kernel, LocalId, Match, Pattern, Stmt, StmtKind,
    Type, UnaryOp,
};

/// The Rust form.
pub(crate) struct Rust;

impl Lower for Rust {
    type Output = TokenStream;

    fn lower(&self, kernel: &Kernel) -> TokenStream {
        let Kernel { attrs, vis, name, generics, output, .. } = kernel;
        let (_, _, where_clause) = generics.split_for_impl();
        let params = kernel.params.iter().map(|param| {
            let binding = param.mutable_binding.then(|| quote!(mut));
            let (name, ty) = (&param.name, &param.written_ty);
            quote!(#binding #name: #ty)
        });
        let body = Writer { kernel }.block(&kernel.body);
        quote! {
            #(#attrs)*
            #vis fn #name #generics (#(#params),*) #output #where_clause #body
        }
    }
}

struct Writer<'a> {
    kernel: &'a Kernel,
}

impl Writer<'_> {
    fn block(&self, block: &Block) -> TokenStream {
        let stmts = block.stmts.iter().map(|stmt| self.stmt(stmt));
        let tail = block.tail.as_ref().map(|tail| self.expr(tail));
        quote!({ #(#stmts)* #tail })
    }

    fn stmt(&self, stmt: &Stmt) -> TokenStream {
        match &stmt.kind {
            StmtKind::Let { pattern, declared, value } => {
                let (binding, ty) = self.binding(pattern, declared.as_ref());
                let ty = ty.map(|ty| quote!(: #ty));
                let value = value.as_ref().map(|value| self.expr(value)).map(|v| quote!(= #v));
                quote!(let #binding #ty #value;)
            }
            StmtKind::Const { local, value } => {
                let local = &self.kernel.locals[local.0];
                let (name, ty, value) = (&local.name, self.ty(&local.ty), self.expr(value));
                quote!(const #name: #ty = #value;)
            }
            StmtKind::Assign { place, value, .. } => {
                let (place, value) = (self.expr(place), self.expr(value));
                quote!(#place = #value;)
            }
            StmtKind::Update { op, place, value, .. } => {
                let op = punctuation(&format!("{}=", op.symbol()));
                let (place, value) = (self.expr(place), self.expr(value));
                quote!(#place #op #value;)
            }
            StmtKind::Break(label) => {
                let label = label.as_ref().map(|label| lifetime(label));
                quote!(break #label;)
            }
            StmtKind::Continue(label) => {
                let label = label.as_ref().map(|label| lifetime(label));
                quote!(continue #label;)
            }
            StmtKind::Return(value) => {
                let value = value.as_ref().map(|value| self.expr(value));
                quote!(return #value;)
            }
            StmtKind::Expr(value) => {
                let value = self.expr(value);
                quote!(#value;)
            }
            _ => self.control(stmt),
        }
    }

    fn control(&self, stmt: &Stmt) -> TokenStream {
        match &stmt.kind {
            StmtKind::If(inner) => self.if_(inner),
            StmtKind::Match(inner) => self.match_(inner),
            StmtKind::For(inner) => self.for_(inner),
            StmtKind::While { label, cond, body } => {
                let (label, cond, body) =
                    (before(label.as_ref()), self.expr(cond), self.block(body));
                quote!(#label while #cond #body)
            }
            StmtKind::Loop { label, body } => {
                let (label, body) = (before(label.as_ref()), self.block(body));
                quote!(#label loop #body)
            }
            StmtKind::Block(body) => self.block(body),
            StmtKind::ForEach { label, pattern, iterator, body } => {
                let (label, body) = (before(label.as_ref()), self.block(body));
                let iterator = self.expr(iterator);
                quote!(#label for #pattern in #iterator #body)
            }
            _ => TokenStream::new(),
        }
    }

    fn for_(&self, inner: &For) -> TokenStream {
        let (start, end) = (self.expr(&inner.start), self.expr(&inner.end));
        let range = if inner.inclusive { quote!(#start..=#end) } else { quote!(#start..#end) };
        let range = if inner.reversed { quote!((#range).rev()) } else { range };
        let (label, body) = (before(inner.label.as_ref()), self.block(&inner.body));
        let index = inner.index.map_or_else(|| quote!(_), |index| self.declared(index));
        quote!(#label for #index in #range #body)
    }

    fn if_(&self, inner: &If) -> TokenStream {
        let (cond, then) = (self.expr(&inner.cond), self.block(&inner.then));
        let otherwise = inner.otherwise.as_ref().map(|block| self.block(block));
        let otherwise = otherwise.map(|block| quote!(else #block));
        quote!(if #cond #then #otherwise)
    }

    fn match_(&self, inner: &Match) -> TokenStream {
        let value = self.expr(&inner.value);
        let arms = inner.arms.iter().map(|Arm { cases, body }| {
            let body = self.block(body);
            let cases = cases.iter().map(|case| match case {
                Case::Is(literal) => self.pattern_literal(literal),
                Case::Between(first, last) => {
                    let (first, last) = (self.pattern_literal(first), self.pattern_literal(last));
                    quote!(#first..=#last)
                }
            });
            let cases: Vec<TokenStream> = cases.collect();
            if cases.is_empty() { quote!(_ => #body) } else { quote!(#(#cases)|* => #body) }
        });
        quote!(match #value { #(#arms)* })
    }

    fn pattern_literal(&self, literal: &Expr) -> TokenStream {
        match &literal.kind {
            ExprKind::Int(digits) => number(digits, ""),
            _ => self.expr(literal),
        }
    }

    /// A pattern and the type beside it.
    fn binding(
        &self,
        pattern: &Pattern,
        declared: Option<&Type>,
    ) -> (TokenStream, Option<TokenStream>) {
        let ty = match pattern {
            Pattern::Local(local) => self.kernel.locals[local.0].ty.to_rust(Span::call_site()),
            _ => declared.map(|ty| self.ty(ty)),
        };
        (self.pattern(pattern), ty)
    }

    fn pattern(&self, pattern: &Pattern) -> TokenStream {
        match pattern {
            Pattern::Wild => quote!(_),
            Pattern::Local(local) => self.declared(*local),
            Pattern::Tuple(parts) => {
                let parts = parts.iter().map(|part| self.pattern(part));
                quote!((#(#parts,)*))
            }
        }
    }

    fn declared(&self, local: LocalId) -> TokenStream {
        let local = &self.kernel.locals[local.0];
        let mutable = local.mutable.then(|| quote!(mut));
        let name = &local.name;
        quote!(#mutable #name)
    }

    fn expr(&self, expr: &Expr) -> TokenStream {
        match &expr.kind {
            ExprKind::Int(digits) | ExprKind::Float(digits) => number(digits, suffix(&expr.ty)),
            ExprKind::Bool(value) => value.to_token_stream(),
            ExprKind::Local(local) => self.kernel.locals[local.0].name.to_token_stream(),
            ExprKind::Constant(k) => self.kernel.constants[*k].renamed.to_token_stream(),
            ExprKind::ConstGeneric(name) | ExprKind::Outer(name) => name.to_token_stream(),
            ExprKind::Named { path, .. } => path.to_token_stream(),
            ExprKind::Unary(UnaryOp::Neg, operand) => self.prefixed(&quote!(-), operand),
            ExprKind::Unary(UnaryOp::Not, operand) => self.prefixed(&quote!(!), operand),
            ExprKind::Binary(op, left, right) => {
                let (left, right) = (self.operand(left), self.operand(right));
                let op = punctuation(op.symbol());
                quote!(#left #op #right)
            }
            ExprKind::Deref { target, .. } => self.prefixed(&quote!(*), target),
            ExprKind::Borrow(true, target) => self.prefixed(&quote!(&mut), target),
            ExprKind::Borrow(false, target) => self.prefixed(&quote!(&), target),
            ExprKind::Cast { value, to, lossless } => {
                let to = self.ty(to);
                if *lossless {
                    let value = self.expr(value);
                    return quote!(#to::from(#value));
                }
                let value = self.operand(value);
                quote!((#value as #to))
            }
            ExprKind::If(inner) => self.if_(inner),
            ExprKind::Match(inner) => self.match_(inner),
            ExprKind::Block(block) => self.block(block),
            ExprKind::Opaque(opaque) => opaque.tokens.clone(),
            _ => self.composite(expr),
        }
    }

    fn composite(&self, expr: &Expr) -> TokenStream {
        match &expr.kind {
            ExprKind::Index(base, index) => {
                let (base, index) = (self.operand(base), self.expr(index));
                quote!(#base[#index])
            }
            ExprKind::Field(base, member) => {
                let base = self.operand(base);
                quote!(#base.#member)
            }
            ExprKind::Array(parts) => {
                let parts = self.list(parts);
                quote!([#(#parts),*])
            }
            ExprKind::Repeat(value, len) => {
                let (value, len) = (self.expr(value), len.to_rust());
                quote!([#value; #len])
            }
            ExprKind::Tuple(parts) => {
                let parts = self.list(parts);
                quote!((#(#parts,)*))
            }
            ExprKind::Struct(path, fields) => {
                let fields = fields.iter().map(|(member, value)| {
                    let value = self.expr(value);
                    quote!(#member: #value)
                });
                quote!(#path { #(#fields),* })
            }
            ExprKind::Call { path, args, .. } => {
                let args = self.list(args);
                quote!(#path(#(#args),*))
            }
            ExprKind::Intrinsic { intrinsic, of, args } => {
                self.intrinsic(intrinsic.spec().name, of.as_ref(), args)
            }
            ExprKind::ArrayLen(array) => {
                let array = self.operand(array);
                quote!(#array.len())
            }
            _ => TokenStream::new(),
        }
    }

    fn intrinsic(&self, name: &str, of: Option<&Type>, args: &[Expr]) -> TokenStream {
        let name = Ident::new(name, Span::call_site());
        if let Some(of) = of {
            let (of, args) = (self.ty(of), self.list(args));
            return quote!(#of::#name(#(#args),*));
        }
        let Some((receiver, rest)) = args.split_first() else { return TokenStream::new() };
        let (receiver, rest) = (self.operand(receiver), self.list(rest));
        quote!(#receiver.#name(#(#rest),*))
    }

    fn list(&self, parts: &[Expr]) -> Vec<TokenStream> {
        parts.iter().map(|part| self.expr(part)).collect()
    }

    fn prefixed(&self, op: &TokenStream, operand: &Expr) -> TokenStream {
        let operand = self.operand(operand);
        quote!(#op #operand)
    }

    /// Parentheses wherever Rust might bind another way.
    fn operand(&self, expr: &Expr) -> TokenStream {
        let tokens = self.expr(expr);
        match &expr.kind {
            ExprKind::Binary(..)
            | ExprKind::Unary(..)
            | ExprKind::Deref { .. }
            | ExprKind::If(_)
            | ExprKind::Match(_)
            | ExprKind::Block(_)
            | ExprKind::Opaque(_) => quote!((#tokens)),
            _ => tokens,
        }
    }

    #[expect(clippy::unused_self, reason = "reads as one of the family")]
    fn ty(&self, ty: &Type) -> TokenStream {
        ty.to_rust(Span::call_site()).unwrap_or_else(|| quote!(_))
    }
}

fn suffix(ty: &Type) -> &'static str {
    match ty {
        Type::Scalar(scalar) => scalar.name(),
        _ => "",
    }
}

/// A number literal; digits come from a literal and parse as one again.
fn number(digits: &str, suffix: &str) -> TokenStream {
    let text = format!("{digits}{suffix}");
    text.parse().unwrap_or_else(|_| Literal::string(&text).into_token_stream())
}

fn punctuation(symbol: &str) -> TokenStream {
    symbol.parse().unwrap_or_default()
}

fn lifetime(label: &str) -> syn::Lifetime {
    syn::Lifetime::new(&format!("'{label}"), Span::call_site())
}

fn before(label: Option<&String>) -> Option<TokenStream> {
    label.map(|label| lifetime(label)).map(|label| quote!(#label:))
}

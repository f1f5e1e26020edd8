//! Values: operators, places, literals, arrays, tuples, structs.

use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{BinOp, Expr as Tokens, ExprLit, ExprStruct, Lit, UnOp};

use super::block::{NO_MACROS, no_macro, update_op};
use super::{Parser, offending_token};
use crate::kernel::ir::{BinaryOp, Expr, ExprKind, Len, Scalar, Type, UnaryOp};

impl Parser<'_> {
    pub(super) fn expr(&mut self, tokens: &mut Tokens) -> Expr {
        match tokens {
            Tokens::Lit(literal) => match read_literal(literal) {
                Some(literal) => literal,
                None => self.refuse(tokens, "this literal cannot be used here", NUMBERS),
            },
            Tokens::Path(_) => self.path(tokens),
            Tokens::Paren(inner) => self.expr(&mut inner.expr),
            Tokens::Group(inner) => self.expr(&mut inner.expr),
            Tokens::Unary(inner) => {
                let span = inner.op.span();
                let operand = Box::new(self.expr(&mut inner.expr));
                let kind = match inner.op {
                    UnOp::Neg(_) => ExprKind::Unary(UnaryOp::Neg, operand),
                    UnOp::Not(_) => ExprKind::Unary(UnaryOp::Not, operand),
                    _ => ExprKind::Deref { target: operand, implied: false },
                };
                Expr::new(kind, span)
            }
            Tokens::Binary(inner) if update_op(inner.op).is_none() => {
                let (op, span) = (binary_op(inner.op), inner.op.span());
                let left = Box::new(self.expr(&mut inner.left));
                let right = Box::new(self.expr(&mut inner.right));
                Expr::new(ExprKind::Binary(op, left, right), span)
            }
            Tokens::Cast(inner) => {
                let to = self.types.read(&inner.ty);
                let value = Box::new(self.expr(&mut inner.expr));
                Expr::new(ExprKind::Cast { value, to, lossless: false }, inner.as_token.span)
            }
            Tokens::Call(_) => self.call(tokens),
            Tokens::MethodCall(_) => self.method_call(tokens),
            Tokens::If(inner) => self.if_(inner),
            Tokens::Match(inner) => match self.match_(inner) {
                Some(value) => value,
                None => self.refuse_match(tokens),
            },
            Tokens::Block(inner) if inner.label.is_none() => {
                let span = inner.span();
                Expr::new(ExprKind::Block(self.block(&mut inner.block)), span)
            }
            _ => self.composite(tokens),
        }
    }

    fn composite(&mut self, tokens: &mut Tokens) -> Expr {
        let span = tokens.span();
        let kind = match tokens {
            Tokens::Index(inner) => {
                let base = Box::new(self.expr(&mut inner.expr));
                ExprKind::Index(base, Box::new(self.expr(&mut inner.index)))
            }
            Tokens::Field(inner) => {
                ExprKind::Field(Box::new(self.expr(&mut inner.base)), inner.member.clone())
            }
            Tokens::Array(inner) => {
                ExprKind::Array(inner.elems.iter_mut().map(|part| self.expr(part)).collect())
            }
            Tokens::Tuple(inner) => {
                ExprKind::Tuple(inner.elems.iter_mut().map(|part| self.expr(part)).collect())
            }
            Tokens::Repeat(inner) => {
                let len = Len::read(&inner.len);
                ExprKind::Repeat(Box::new(self.expr(&mut inner.expr)), len)
            }
            Tokens::Struct(inner) if inner.qself.is_none() && inner.rest.is_none() => {
                self.struct_literal(inner)
            }
            _ => return self.outside(tokens),
        };
        Expr::new(kind, span)
    }

    fn struct_literal(&mut self, tokens: &mut ExprStruct) -> ExprKind {
        let mut fields = Vec::new();
        for field in &mut tokens.fields {
            let value = self.expr(&mut field.expr);
            // `Point { X }` has to become `Point { X: __const_X }`.
            if field.colon_token.is_none() && matches!(value.kind, ExprKind::Constant(_)) {
                field.colon_token = Some(syn::token::Colon::default());
            }
            fields.push((field.member.clone(), value));
        }
        ExprKind::Struct(tokens.path.clone(), fields)
    }

    /// An argument of a function, which alone may be a reference.
    pub(super) fn argument(&mut self, tokens: &mut Tokens) -> Expr {
        match tokens {
            Tokens::Reference(inner) => {
                let span = inner.and_token.span;
                let target = Box::new(self.expr(&mut inner.expr));
                Expr::new(ExprKind::Borrow(inner.mutability.is_some(), target), span)
            }
            other => self.expr(other),
        }
    }

    fn refuse_match(&mut self, tokens: &mut Tokens) -> Expr {
        if let (Tokens::Match(inner), false) = (&*tokens, self.host) {
            let hint = "the cases are literals of an integer, ranges `1..=3` of them, and `_`; \
                        write an `if` for anything else";
            self.errors.on(inner.match_token, "this `match` is not over literals", hint);
        }
        self.opaque(tokens)
    }

    /// Everything that the language leaves out.
    fn outside(&mut self, tokens: &mut Tokens) -> Expr {
        let (message, hint) = complaint(tokens);
        self.refuse(tokens, message, hint)
    }
}

fn complaint(tokens: &Tokens) -> (String, &'static str) {
    let (message, hint) = match tokens {
        Tokens::Macro(_) => ("", NO_MACROS),
        Tokens::Closure(_) => {
            ("closures cannot be used here", "write a fn marked `#[op2::function]`")
        }
        Tokens::Unsafe(_) => {
            ("`unsafe` cannot be used here", "a kernel reaches data through its parameters only")
        }
        Tokens::Reference(_) => (
            "a reference is made only for an argument of a function",
            "name the place where it is used, or copy the value",
        ),
        Tokens::Range(_) => ("a range is used only in `for`", "index one element at a time"),
        Tokens::Let(_) => ("`if let` cannot be used here", "compare with `==`, `<` and the like"),
        Tokens::Async(_) | Tokens::Await(_) => ("a kernel is not asynchronous", ""),
        Tokens::Try(_) => ("`?` cannot be used here", "a kernel cannot fail: it returns nothing"),
        Tokens::Struct(_) => ("`..` cannot be used here", "give every field of the struct"),
        Tokens::Assign(_) | Tokens::Binary(_) => {
            ("an assignment has no value", "write it as a statement of its own")
        }
        Tokens::Block(_) => ("a block cannot have a label", "put the label on a loop"),
        Tokens::While(_) | Tokens::ForLoop(_) | Tokens::Loop(_) => {
            ("a loop has no value", "assign to a variable inside the loop")
        }
        Tokens::Break(_) | Tokens::Continue(_) | Tokens::Return(_) => {
            ("", "write it as a statement: `if c { return; }`")
        }
        _ => ("this expression cannot be used here", HOST),
    };
    let token = text(offending_token(tokens));
    let message = match tokens {
        Tokens::Macro(_) => no_macro(&token),
        Tokens::Break(_) | Tokens::Continue(_) | Tokens::Return(_) => {
            format!("`{token}` cannot stand inside an expression")
        }
        _ => message.to_owned(),
    };
    (message, hint)
}

pub(super) const HOST: &str = "`#[op2::kernel(host)]` allows any Rust, but no devices";
const NUMBERS: &str = "kernels compute with f64 f32 i32 i64 u32 u64 u8 usize and bool";

/// A suffix, as in `0.5_f32`, settles the type at once.
fn read_literal(literal: &ExprLit) -> Option<Expr> {
    let (kind, suffix) = match &literal.lit {
        Lit::Int(digits) if digits.suffix().starts_with('f') => {
            (ExprKind::Float(digits.base10_digits().to_owned()), digits.suffix())
        }
        Lit::Int(digits) => (ExprKind::Int(digits.base10_digits().to_owned()), digits.suffix()),
        Lit::Float(digits) => {
            // `1.` has to stay a float when a suffix follows.
            let zero = if digits.base10_digits().ends_with('.') { "0" } else { "" };
            (ExprKind::Float(format!("{}{zero}", digits.base10_digits())), digits.suffix())
        }
        Lit::Bool(value) => (ExprKind::Bool(value.value), ""),
        _ => return None,
    };
    let mut read = Expr::new(kind, literal.span());
    if !suffix.is_empty() {
        read.ty = Type::Scalar(Scalar::from_name(suffix)?);
    }
    Some(read)
}

fn binary_op(op: BinOp) -> BinaryOp {
    match op {
        BinOp::Add(_) => BinaryOp::Add,
        BinOp::Sub(_) => BinaryOp::Sub,
        BinOp::Mul(_) => BinaryOp::Mul,
        BinOp::Div(_) => BinaryOp::Div,
        BinOp::Rem(_) => BinaryOp::Rem,
        BinOp::And(_) => BinaryOp::And,
        BinOp::Or(_) => BinaryOp::Or,
        BinOp::BitXor(_) => BinaryOp::BitXor,
        BinOp::BitAnd(_) => BinaryOp::BitAnd,
        BinOp::BitOr(_) => BinaryOp::BitOr,
        BinOp::Shl(_) => BinaryOp::Shl,
        BinOp::Shr(_) => BinaryOp::Shr,
        BinOp::Lt(_) => BinaryOp::Lt,
        BinOp::Le(_) => BinaryOp::Le,
        BinOp::Ne(_) => BinaryOp::Ne,
        BinOp::Ge(_) => BinaryOp::Ge,
        BinOp::Gt(_) => BinaryOp::Gt,
        // The updating operators never come here: `update_op` takes them.
        _ => BinaryOp::Eq,
    }
}

/// The tokens as text, for messages.
pub(super) fn text(tokens: impl ToTokens) -> String {
    tokens.to_token_stream().to_string().replace(' ', "")
}
